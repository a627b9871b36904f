#include <inttypes.h>
#include <stdlib.h>

#include "cramfs/diag.h"
#include "cramfs/xip_report.h"
#include "read/xip/xip.h"
#include "report/text.h"

enum { BAR_WIDTH = 20 };

/*
 * "########....--------": how much of the file is direct, could be, and never can be. Whatever
 * there is of a kind shows, if it is one page of a thousand: that page may be what is wrong.
 */
static void print_bar(FILE *out, const struct cramfs_xip_file *file)
{
    static const char marks[] = "#.-";
    const uint64_t pages[] = {file->direct_pages, cramfs_xip_lost_pages(file),
                              file->whole.pages - file->possible_pages};
    enum { KINDS = sizeof(pages) / sizeof(pages[0]) };
    unsigned widths[KINDS] = {0};
    unsigned sum = 0;
    unsigned widest = 0;
    for (unsigned i = 0; i < KINDS; i++) {
        uint64_t width = pages[i] ? pages[i] * BAR_WIDTH / file->whole.pages : 0;
        widths[i] = pages[i] && !width ? 1 : (unsigned)width;
        sum += widths[i];
        widest = widths[i] > widths[widest] ? i : widest;
    }
    widths[widest] += BAR_WIDTH - sum; /* what rounding left or took: two at most, of seven */
    for (unsigned i = 0; i < KINDS; i++) {
        for (unsigned j = 0; j < widths[i]; j++)
            putc(marks[i], out);
    }
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
            "%8ssegment %" PRId64 " %s at 0x%06" PRIx64 ": %" PRIu64 " of %" PRIu64 " pages direct",
            "", mapping->asked.segment, text_flags(mapping->asked.flags, flags),
            mapping->asked.offset, mapping->predicted.direct_pages, mapping->predicted.pages);
    print_what_stays(out, mapping);
    fprintf(out, "%s%s\n", reason ? ": " : "", reason ? reason : "");
}

/* The other file that has pages in place of this one. */
static void print_sharing(const struct cramfs_survey *survey,
                          const struct cramfs_xip_report *report,
                          const struct cramfs_xip_file *file, FILE *out)
{
    char path[TEXT_PATH_SIZE];
    if (file->shares_with == CRAMFS_NO_ENTRY)
        return;
    fprintf(out, "%8sshares pages in place with %s", "",
            text_entry_path(survey, file->shares_with, path));
    fputs(report->kernel == CRAMFS_KERNEL_NOMMU
              ? ": HAZARD, the kernel panics when both are mapped\n"
              : "\n",
          out);
}

static void print_file(const struct cramfs_survey *survey, const struct cramfs_xip_report *report,
                       const struct cramfs_xip_file *file, FILE *out)
{
    char path[TEXT_PATH_SIZE];
    fprintf(out, "%6" PRIu64 " %8" PRIu64 " %5" PRIu64 " ", file->direct_pages,
            file->possible_pages, file->whole.pages);
    print_bar(out, file);
    fprintf(out, " %9" PRIu64 " %10" PRIu64 " %s\n", file->ram_saved_bytes, file->flash_cost_bytes,
            text_entry_path(survey, file->entry, path));
    uint32_t inode = survey->inode[file->entry];
    if (inode != CRAMFS_NO_ENTRY && inode != file->entry) {
        fprintf(out, "%8sthe same inode as %s, which is charged\n", "",
                text_entry_path(survey, inode, path));
        return;
    }
    if (file->kind == CRAMFS_PROGRAM_COPIED)
        fprintf(out, "%8sits loader copies it to RAM\n", "");
    if (report->profiled)
        fprintf(out, "%8s%" PRIu64 " pages touched, %" PRIu64 " of them direct\n", "",
                file->touched_pages, file->touched_direct_pages);
    print_sharing(survey, report, file, out);
    for (size_t i = 0; i < file->mappings_count; i++)
        print_mapping(out, &report->mappings[file->first_mapping + i]);
}

static void print_head(const struct cramfs_image *image, const struct cramfs_xip_report *report,
                       FILE *out)
{
    static const char *const kernels[] = {[CRAMFS_KERNEL_MMU] = "",
                                          [CRAMFS_KERNEL_NOMMU] = "a kernel without MMU, ",
                                          [CRAMFS_KERNEL_V3] =
                                              "a kernel with the patches of 2017, ",
                                          [CRAMFS_KERNEL_FDPIC] = "a kernel that loads FDPIC, "};
    fprintf(out, "XIP report: %" PRIu64 " bytes, %s endian, pages of %" PRIu32 " bytes, %s",
            image->reader.size, text_order(image->order), image->page_size,
            kernels[report->kernel]);
    if (report->address == CRAMFS_ANY_ADDRESS)
        fputs("at any page-aligned physical address\n\n", out);
    else
        fprintf(out, "at physical address 0x%" PRIx64 "\n\n", report->address);
    if (report->kernel == CRAMFS_KERNEL_NOMMU)
        fputs(
            "A program that runs under ptrace is copied to RAM (since Linux 6.3), and so is an ELF "
            "program that is\nnot FDPIC.\n\n",
            out);
}

static void print_totals(const struct cramfs_xip_report *report, FILE *out)
{
    fprintf(out,
            "\n%" PRIu64 " of %" PRIu64 " pages direct, %" PRIu64 " lost: %" PRIu64
            " bytes of RAM saved at most, for an estimated %" PRIu64
            " bytes of flash over %s level %d\n",
            report->direct_pages, report->pages, report->possible_pages - report->direct_pages,
            report->ram_saved_bytes, report->flash_cost_bytes,
            cramfs_compressor_name(CRAMFS_COMPRESSOR_DEFAULT), CRAMFS_DEFAULT_LEVEL);
}

int cramfs_xip_report_print(const struct cramfs_image *image, const struct cramfs_survey *survey,
                            const struct cramfs_xip_report *report, FILE *out)
{
    const struct cramfs_xip_file **files = xip_by_loss(report);
    if (!files)
        return -CRAMFS_ERR_MEMORY;
    size_t silent = 0;
    print_head(image, report, out);
    fputs("pages: # direct, . lost: could be direct and are not, - never can be; bytes of RAM and "
          "flash\n"
          "direct possible pages                      RAM up to flash cost file\n",
          out);
    for (size_t i = 0; i < report->files_count; i++) {
        const struct cramfs_xip_file *file = files[i];
        if (file->mappings_count || file->possible_pages || file->kind == CRAMFS_PROGRAM_COPIED)
            print_file(survey, report, file, out);
        else
            silent++;
    }
    free(files);
    if (silent)
        fprintf(out, "(%zu other files have no loadable segment and no page in place)\n", silent);
    print_totals(report, out);
    if (report->profiled && xip_print_profile(image, survey, report, out) != 0)
        return -CRAMFS_ERR_MEMORY;
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}
