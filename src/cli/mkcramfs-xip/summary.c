#include "cli/mkcramfs-xip/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void print_count(const struct arguments *arguments, uint32_t count, const char *what)
{
    if (count)
        fprintf(arguments->out, "; %" PRIu32 " %s", count, what);
}

static void print_selection(const struct arguments *arguments, const char *path,
                            const struct cramfs_node *node,
                            const struct cramfs_selection *selection)
{
    char shown[8192];
    fprintf(arguments->out, "%s: %" PRIu32 " pages in place: %s%s",
            cramfs_escape(path, strlen(path), shown, sizeof(shown)), selection->pages,
            cramfs_selection_text(selection),
            selection->pages && selection->last_excluded
                ? "; the last page is not in place, since the file is whole pages"
                : "");
    if (node->xip_rule)
        fprintf(arguments->out, " (%s)",
                cramfs_escape(node->xip_rule, strlen(node->xip_rule), shown, sizeof(shown)));
    print_count(arguments, selection->deflated, "deflated");
    print_count(arguments, selection->stored, "stored");
    print_count(arguments, selection->holes, "holes");
    if (selection->mappings_added)
        fprintf(arguments->out, "; changed: cut, %" PRIu32 " more mappings",
                selection->mappings_added);
    if (arguments->messages.explain && selection->uncut)
        fprintf(arguments->out, "; not cut: %s", selection->uncut);
    if (arguments->messages.explain)
        fprintf(arguments->out,
                "; costs %" PRIu64 " bytes of flash, saves at most %" PRIu64 " bytes of RAM",
                selection->flash_cost, selection->ram_saved);
    putc('\n', arguments->out);
}

/*
 * A malformed program is reported even without -v. Other files that are not in place are as
 * intended.
 */
void summarize_selection(const struct arguments *arguments, const struct cramfs_node *node,
                         const struct cramfs_selection *selection)
{
    bool malformed = selection->reason == CRAMFS_SELECTION_MALFORMED;
    if (!arguments->messages.verbose && !arguments->messages.explain && !malformed)
        return;
    char *path = cramfs_node_path(node);
    if (!path)
        cramfs_fail_memory(arguments->diags);
    else if (arguments->messages.verbose || arguments->messages.explain)
        print_selection(arguments, path, node, selection);
    else
        cramfs_report(arguments->diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, path,
                      "a malformed program is not put in place: %s", selection->fault);
    free(path);
}

static void print_budget(const struct arguments *arguments, const struct cramfs_tree *tree,
                         const struct cramfs_budget_summary *budget)
{
    fprintf(arguments->out, "in place: %" PRIu64 " bytes of flash for ", budget->cost);
    if (arguments->plan.profile)
        fprintf(arguments->out, "%" PRIu64 " pages (%" PRIu64 " touched)", budget->pages,
                budget->touched_pages);
    else
        fprintf(arguments->out, "up to %" PRIu64 " pages of RAM", budget->pages);
    fprintf(arguments->out, "; %" PRIu64 " more pages could be in place", budget->left_pages);
    char *path = budget->next_pages ? cramfs_node_path(tree->nodes[budget->next_node]) : NULL;
    char shown[8192];
    if (path)
        fprintf(arguments->out,
                ", next the %" PRIu64 " pages of %s from offset %" PRIu64 " on, for about %" PRIu64
                " bytes",
                budget->next_pages, cramfs_escape(path, strlen(path), shown, sizeof(shown)),
                budget->next_offset, budget->next_cost);
    putc('\n', arguments->out);
    free(path);
}

/* The number of cut files that are named, those with the most mappings; -v and others list all. */
enum { MOST_NAMES = 5 };

static int compare_split_files(const void *first, const void *second)
{
    const struct cramfs_split_file *a = first;
    const struct cramfs_split_file *b = second;
    if (a->mappings != b->mappings)
        return a->mappings > b->mappings ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

static void print_split_files(const struct arguments *arguments, const struct cramfs_tree *tree,
                              const struct cramfs_split_file *files, uint32_t count)
{
    char shown[8192];
    for (uint32_t i = 0; i < count && i < MOST_NAMES; i++) {
        char *path = cramfs_node_path(tree->nodes[files[i].node]);
        fprintf(arguments->out, "%s%s (%" PRIu32 ")", i ? ", " : ": ",
                path ? cramfs_escape(path, strlen(path), shown, sizeof(shown)) : "?",
                files[i].mappings);
        free(path);
    }
    if (count > MOST_NAMES)
        fprintf(arguments->out, " and %" PRIu32 " others", count - MOST_NAMES);
}

static void print_split(const struct arguments *arguments, const struct cramfs_tree *tree,
                        const struct cramfs_plan *plan)
{
    const struct cramfs_split_summary *split = &cramfs_plan_summary(plan)->split;
    struct cramfs_split_file *files = calloc((size_t)split->files + 1, sizeof(*files));
    fprintf(arguments->out,
            "cut: %" PRIu32 " files are changed, and have %" PRIu64 " more mappings", split->files,
            split->mappings);
    if (files) {
        cramfs_plan_split_files(plan, files);
        qsort(files, split->files, sizeof(*files), compare_split_files);
        print_split_files(arguments, tree, files, split->files);
    }
    putc('\n', arguments->out);
    free(files);
}

static void print_like(const struct arguments *arguments, const struct cramfs_like_summary *like,
                       const struct cramfs_stats *stats)
{
    char shown[8192];
    fprintf(
        arguments->out,
        "%s %s: %" PRIu64 " of %" PRIu64 " erase blocks of %" PRIu64
        " bytes differ, about %" PRIu64 " must; %" PRIu64 " bytes if laid out from scratch\n",
        like->kept ? "like" : "from scratch, not like",
        cramfs_escape(arguments->flash.like, strlen(arguments->flash.like), shown, sizeof(shown)),
        like->differing, like->erase_blocks, arguments->plan.erase_block, stats->erase_blocks_least,
        like->fresh_size);
}

/* The report has the result of the decision. */
static void print_next(const struct arguments *arguments)
{
    fputs("next: cramfsck --xip-report ", arguments->out);
    cramfs_print_text(arguments->out, arguments->operands.image);
    fprintf(arguments->out, " shows what runs in place%s\n",
            arguments->plan.profile
                ? ""
                : "; with --xip-profile=FILE, --fit chooses by the pages that a target touches");
}

void print_summary(const struct arguments *arguments, const struct cramfs_tree *tree,
                   const struct cramfs_plan *plan, const struct cramfs_stats *stats)
{
    const struct cramfs_plan_summary *summary = cramfs_plan_summary(plan);
    fprintf(arguments->out,
            "%s: %" PRIu64 " bytes from %" PRIu64 " bytes of files: %" PRIu64 " deflated, %" PRIu64
            " stored, %" PRIu64 " in place (%" PRIu64 " pages), %" PRIu64 " metadata, %" PRIu64
            " alignment; %" PRIu64 " blocks shared, %" PRIu64 " holes; %.2f s\n",
            arguments->operands.image, summary->image_size, summary->files_size, summary->deflated,
            summary->stored, summary->in_place, summary->in_place_pages, summary->metadata,
            summary->gaps, summary->shared_blocks, summary->hole_blocks,
            stats->read_seconds + stats->plan_seconds + stats->write_seconds);
    if (arguments->plan.choose)
        print_budget(arguments, tree, &summary->budget);
    if (arguments->plan.split)
        print_split(arguments, tree, plan);
    if (arguments->flash.like)
        print_like(arguments, &summary->like, stats);
    if (arguments->flash.fit)
        print_next(arguments);
}
