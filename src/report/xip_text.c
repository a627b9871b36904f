#include <inttypes.h>
#include <string.h>

#include "cramfs/diag.h"
#include "cramfs/xip_report.h"
#include "report/text.h"

enum { BAR_WIDTH = 20 };

/* "##########----------": how much of the file is direct. */
static void print_bar(FILE *out, uint64_t part, uint64_t whole)
{
    unsigned filled = whole ? (unsigned)(part * BAR_WIDTH / whole) : 0;
    char bar[BAR_WIDTH + 1];
    memset(bar, '#', filled);
    memset(bar + filled, '-', BAR_WIDTH - filled);
    bar[BAR_WIDTH] = '\0';
    fputs(bar, out);
}

/*
 * The first mapping of a position-independent file is asked for with the length of all segments,
 * and cut to its own: what counts is what stays.
 */
static void print_what_stays(FILE *out, const struct cramfs_xip_mapping *mapping)
{
    uint64_t kept = mapping->asked.kept_pages;
    uint64_t direct = mapping->predicted.direct_pages;
    if (kept < mapping->predicted.pages)
        fprintf(out, " (%" PRIu64 " of the %" PRIu64 " that stay)", direct < kept ? direct : kept,
                kept);
}

static void print_mapping(FILE *out, const struct cramfs_xip_mapping *mapping)
{
    char buffer[64];
    char flags[4];
    const char *reason = cramfs_reason_text(&mapping->predicted, buffer, sizeof(buffer));
    fprintf(out,
            "%35ssegment %" PRId64 " %s at 0x%06" PRIx64 ": %" PRIu64 " of %" PRIu64
            " pages direct",
            "", mapping->asked.segment, text_flags(mapping->asked.flags, flags),
            mapping->asked.offset, mapping->predicted.direct_pages, mapping->predicted.pages);
    print_what_stays(out, mapping);
    fprintf(out, "%s%s\n", reason ? ": " : "", reason ? reason : "");
}

static void print_file(const struct cramfs_survey *survey, const struct cramfs_xip_report *report,
                       const struct cramfs_xip_file *file, FILE *out)
{
    char path[TEXT_PATH_SIZE];
    fprintf(out, "%5" PRIu64 " / %5" PRIu64 " ", file->direct_pages, file->whole.pages);
    print_bar(out, file->direct_pages, file->whole.pages);
    fprintf(out, " %s\n", text_entry_path(survey, file->entry, path));
    if (file->kind == CRAMFS_PROGRAM_COPIED)
        fprintf(out, "%35sits loader copies it to RAM\n", "");
    for (size_t i = 0; i < file->mappings_count; i++)
        print_mapping(out, &report->mappings[file->first_mapping + i]);
}

static void print_head(const struct cramfs_image *image, const struct cramfs_xip_report *report,
                       FILE *out)
{
    static const char *const kernels[] = {[CRAMFS_KERNEL_MMU] = "",
                                          [CRAMFS_KERNEL_NOMMU] = "a kernel without MMU, ",
                                          [CRAMFS_KERNEL_V3] =
                                              "a kernel with the patches of 2017, "};
    fprintf(out, "XIP report: %" PRIu64 " bytes, %s endian, pages of %" PRIu32 " bytes, %s",
            image->reader.size, text_order(image->order), image->page_size,
            kernels[report->kernel]);
    if (report->address == CRAMFS_ANY_ADDRESS)
        fputs("at any page-aligned physical address\n\n", out);
    else
        fprintf(out, "at physical address 0x%" PRIx64 "\n\n", report->address);
}

int cramfs_xip_report_print(const struct cramfs_image *image, const struct cramfs_survey *survey,
                            const struct cramfs_xip_report *report, FILE *out)
{
    size_t silent = 0;
    print_head(image, report, out);
    fputs("direct / pages                      file\n", out);
    for (size_t i = 0; i < report->files_count; i++) {
        const struct cramfs_xip_file *file = &report->files[i];
        if (file->mappings_count || file->direct_pages || file->kind == CRAMFS_PROGRAM_COPIED)
            print_file(survey, report, file, out);
        else
            silent++;
    }
    if (silent)
        fprintf(out, "(%zu other files have no loadable segment and no page direct)\n", silent);
    fprintf(out,
            "\n%" PRIu64 " of %" PRIu64 " pages direct: %" PRIu64
            " bytes of RAM saved, for %" PRId64 " bytes of flash over %s level %d\n",
            report->direct_pages, report->pages, report->ram_saved_bytes, report->flash_cost_bytes,
            cramfs_compressor_name(CRAMFS_COMPRESSOR_DEFAULT), CRAMFS_DEFAULT_LEVEL);
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}
