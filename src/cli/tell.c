#include "cli/tell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void print_selection(const struct arguments *arguments, const char *path,
                            const struct cramfs_selection *selection)
{
    char shown[8192];
    fprintf(arguments->out, "%s: %" PRIu32 " pages in place: %s%s\n",
            cramfs_escape(path, strlen(path), shown, sizeof(shown)), selection->pages,
            cramfs_selection_text(selection),
            selection->pages && selection->last_excluded
                ? "; not the last page, since the file is whole pages"
                : "");
}

/*
 * A file that asks to run in place and cannot be understood deserves a word without -v; what else
 * is not in place is as it should be.
 */
void tell_selection(const struct arguments *arguments, const struct cramfs_node *node,
                    const struct cramfs_selection *selection)
{
    if (!arguments->verbose && selection->reason != CRAMFS_SELECTION_MALFORMED)
        return;
    char *path = cramfs_node_path(node);
    if (path && arguments->verbose)
        print_selection(arguments, path, selection);
    else
        cramfs_report(arguments->diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, path,
                      "a malformed program is not put in place: %s", selection->fault);
    free(path);
}

void print_summary(const struct arguments *arguments, const struct cramfs_plan_summary *summary,
                   const struct cramfs_stats *stats)
{
    fprintf(arguments->out,
            "%s: %" PRIu64 " bytes from %" PRIu64 ": %" PRIu64 " deflated, %" PRIu64
            " stored, %" PRIu64 " in place (%" PRIu64 " pages), %" PRIu64 " metadata, %" PRIu64
            " alignment; %" PRIu64 " blocks shared, %" PRIu64 " holes; %.2f s\n",
            arguments->image, summary->image_size, summary->files_size, summary->deflated,
            summary->stored, summary->in_place, summary->in_place_pages, summary->metadata,
            summary->gaps, summary->shared_blocks, summary->hole_blocks,
            stats->read_seconds + stats->plan_seconds + stats->write_seconds);
}
