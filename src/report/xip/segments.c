/*
 * The details of a file in the XIP report: each mapping that its loader requests.
 */
#include <inttypes.h>

#include "report/text.h"
#include "report/xip/print.h"

/*
 * Only the pages that stay mapped count. The first mapping of a position-independent file is
 * requested with the length of all segments, and the loader then cuts it to the length of its own
 * segment. A run that reaches the end of that segment has all the pages that count.
 */
static void print_pages(FILE *out, const struct cramfs_xip_mapping *mapping, bool loses)
{
    uint64_t kept = mapping->asked.kept_pages;
    uint64_t direct = mapping->predicted.direct_pages;
    char buffer[64];
    const char *reason = cramfs_reason_text(&mapping->predicted, buffer, sizeof(buffer));
    direct = direct < kept ? direct : kept;
    bool writable = mapping->asked.flags & CRAMFS_ELF_WRITE;
    if (kept && direct == kept)
        fprintf(out, "all %" PRIu64 " pages direct\n", kept);
    else if (direct && !loses) /* the last page of a file of whole pages is not possible */
        fprintf(out, "%" PRIu64 " of %" PRIu64 " direct, all that can be\n", direct, kept);
    else if (!direct && (writable || !loses))
        fprintf(out, "%" PRIu64 " pages, never direct: %s\n", kept,
                reason ? reason : "no page stays mapped");
    else
        fprintf(out, "%" PRIu64 " of %" PRIu64 " direct: %s\n", direct, kept, reason ? reason : "");
}

static void print_mapping(FILE *out, const struct cramfs_xip_mapping *mapping, bool loses)
{
    char flags[4];
    fprintf(out, "  segment %" PRId64 " %s at 0x%06" PRIx64 ": ", mapping->asked.segment,
            text_flags(mapping->asked.flags, flags), mapping->asked.offset);
    print_pages(out, mapping, loses);
}

void xip_print_details(const struct xip_printing *printing, const struct cramfs_xip_file *file)
{
    FILE *out = printing->out;
    char path[TEXT_PATH_SIZE];
    if (xip_further_name(printing->survey, file->entry)) {
        fprintf(out, "  the same inode as %s, where its pages and costs are counted\n",
                text_entry_path(printing->survey, printing->survey->inode[file->entry], path));
        return;
    }
    if (file->kind == CRAMFS_PROGRAM_COPIED)
        fputs("  its loader copies it to RAM\n", out);
    if (file->shares_with != CRAMFS_NO_ENTRY)
        fprintf(out, "  shares pages in place with %s%s\n",
                text_entry_path(printing->survey, file->shares_with, path),
                printing->report->kernel == CRAMFS_KERNEL_NOMMU
                    ? ": HAZARD, the kernel panics when both files are mapped"
                    : "");
    for (size_t i = 0; i < file->mappings_count; i++)
        print_mapping(out, &printing->report->mappings[file->first_mapping + i],
                      cramfs_xip_lost_pages(file) > 0);
}
