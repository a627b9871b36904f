#include "cli/mkcramfs-xip/size.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"

enum { MOST_NAMED = 10, PADDING_AT_ONCE = 65536 };

/* A node and the bytes of the image that are charged to it. */
struct share {
    uint32_t node;
    uint64_t bytes;
};

static int compare_shares(const void *first, const void *second)
{
    const struct share *a = first;
    const struct share *b = second;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return a->node < b->node ? -1 : 1;
}

/* What takes most, a note each: where to begin when the image is too large. */
static void name_largest(const struct arguments *arguments, const struct cramfs_tree *tree,
                         const struct cramfs_plan *plan)
{
    struct cramfs_extents extents = {0};
    struct share *shares = calloc(tree->nodes_count, sizeof(*shares));
    if (!shares || cramfs_plan_extents(plan, &extents) != 0) {
        free(shares);
        return;
    }
    for (uint32_t i = 0; i < tree->nodes_count; i++)
        shares[i].node = i;
    for (size_t i = 0; i < extents.list_count; i++)
        shares[extents.list[i].owner].bytes += extents.list[i].length;
    qsort(shares, tree->nodes_count, sizeof(*shares), compare_shares);
    for (uint32_t i = 0; i < MOST_NAMED && i < tree->nodes_count && shares[i].bytes; i++) {
        char *path = cramfs_node_path(tree->nodes[shares[i].node]);
        cramfs_report(arguments->diags, CRAMFS_NOTE, CRAMFS_ERR_LIMIT, path,
                      "takes %" PRIu64 " bytes of the image", shares[i].bytes);
        free(path);
    }
    cramfs_extents_free(&extents);
    free(shares);
}

/*
 * What the choice of pages can do about it: the sizes with nothing and with everything in place. A
 * plan that has chosen knows both; for another one a second plan finds out.
 */
static void report_range(const struct arguments *arguments, struct cramfs_tree *tree,
                         const struct cramfs_plan *plan, uint64_t limit)
{
    struct cramfs_plan_options options = arguments->plan;
    struct cramfs_plan *second = NULL;
    options.choose = true;
    options.budget = 0;
    options.selected = NULL;
    options.progress = NULL;
    options.like = NULL;
    if (!arguments->plan.choose)
        cramfs_plan_create(tree, &options, NULL, &second);
    if (arguments->plan.choose || second) {
        const struct cramfs_budget_summary *budget =
            &cramfs_plan_summary(second ? second : plan)->budget;
        char full[64] = "more than any image can have";
        if (budget->full_cost != UINT64_MAX)
            snprintf(full, sizeof(full), "%" PRIu64, budget->bare_size + budget->full_cost);
        cramfs_report(arguments->diags, CRAMFS_NOTE, CRAMFS_ERR_LIMIT, NULL,
                      "with nothing in place the image has %" PRIu64 " bytes, with everything %s%s",
                      budget->bare_size, full,
                      budget->bare_size <= limit && !arguments->flash.fit
                          ? "; --fit=SIZE puts in place as much as SIZE holds"
                          : "");
    }
    cramfs_plan_free(second);
}

static uint64_t padded_size(const struct arguments *arguments, uint64_t size)
{
    if (arguments->flash.pad_to_erase_block)
        return (size + arguments->flash.erase_block - 1) / arguments->flash.erase_block *
               arguments->flash.erase_block;
    return arguments->flash.pad_to > size ? arguments->flash.pad_to : size;
}

int fit_size(const struct arguments *arguments, struct cramfs_tree *tree,
             const struct cramfs_plan *plan, uint64_t *size)
{
    uint64_t bare = cramfs_plan_summary(plan)->image_size;
    *size = padded_size(arguments, bare);
    uint64_t limit = arguments->flash.max_size;
    const char *option = "--max-size";
    if (arguments->flash.fit && arguments->flash.fit <= limit) {
        limit = arguments->flash.fit;
        option = "--fit";
    }
    if (arguments->flash.pad_to && arguments->flash.pad_to < limit) {
        limit = arguments->flash.pad_to;
        option = "--pad-to";
    }
    if (*size <= limit)
        return 0;
    cramfs_fail(arguments->diags, CRAMFS_ERR_LIMIT, arguments->operands.image,
                "the image would have %" PRIu64 " bytes, %" PRIu64 " over %s", *size, *size - limit,
                option);
    report_range(arguments, tree, plan, limit);
    name_largest(arguments, tree, plan);
    return -CRAMFS_ERR_LIMIT;
}

int write_padding(const struct arguments *arguments, int file, uint64_t length)
{
    unsigned char *bytes = length ? malloc(PADDING_AT_ONCE) : NULL;
    int error = length && !bytes ? cramfs_fail_memory(arguments->diags) : 0;
    if (bytes)
        memset(bytes, arguments->flash.fill, PADDING_AT_ONCE);
    while (length && !error) {
        size_t piece = length < PADDING_AT_ONCE ? (size_t)length : PADDING_AT_ONCE;
        if (!io_write(file, bytes, piece))
            error = cramfs_fail(arguments->diags, CRAMFS_ERR_IO, arguments->operands.image,
                                "cannot write: %s", strerror(errno));
        length -= piece;
    }
    free(bytes);
    return error;
}
