#include "report/diff/diff.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/like.h"

static int sum_side(struct cramfs_diff *diff, int side, struct du_sum **sums)
{
    struct cramfs_usage usage;
    int error = cramfs_usage(diff->views[side], &usage);
    for (size_t i = 0; !error && i < usage.pieces_count; i++)
        diff->kinds[side][usage.pieces[i].kind] += usage.pieces[i].length;
    if (!error) {
        *sums = du_sum_tree(diff->views[side], &usage);
        error = *sums ? 0 : -CRAMFS_ERR_MEMORY;
    }
    cramfs_usage_free(&usage);
    return error;
}

static int compare_usage(struct cramfs_diff *diff)
{
    struct du_sum *sums[2] = {NULL, NULL};
    int error = 0;
    for (int side = 0; !error && side < 2; side++)
        error = sum_side(diff, side, &sums[side]);
    if (!error)
        error = diff_growth(diff, sums);
    free(sums[0]);
    free(sums[1]);
    return error;
}

static bool same_range(const struct cramfs_diff *diff, uint64_t begin, uint64_t length)
{
    const unsigned char *bytes[2];
    uint64_t lengths[2];
    for (int side = 0; side < 2; side++) {
        uint64_t size = diff->views[side]->image->reader.size;
        uint64_t rest = size > begin ? size - begin : 0;
        lengths[side] = rest < length ? rest : length;
        bytes[side] = cramfs_image_bytes(diff->views[side]->image, begin, lengths[side]);
    }
    return lengths[0] == lengths[1] && (!lengths[0] || bytes[0] == bytes[1] ||
                                        memcmp(bytes[0], bytes[1], (size_t)lengths[0]) == 0);
}

static void compare_bytes(struct cramfs_diff *diff)
{
    uint64_t sizes[2];
    for (int side = 0; side < 2; side++)
        sizes[side] = diff->views[side]->image->reader.size;
    uint64_t size = sizes[0] > sizes[1] ? sizes[0] : sizes[1];
    uint64_t unit = diff->erase_block ? diff->erase_block : CRAMFS_DEFAULT_ERASE_BLOCK;
    diff->same_bytes = sizes[0] == sizes[1];
    for (uint64_t at = 0; at < size; at += unit) {
        bool same = same_range(diff, at, unit);
        diff->same_bytes &= same;
        diff->erase_blocks += diff->erase_block != 0;
        diff->erase_blocks_differing += diff->erase_block && !same;
    }
    /* The second image shows that so many are enough. */
    if (diff->erase_blocks_least > diff->erase_blocks_differing)
        diff->erase_blocks_least = diff->erase_blocks_differing;
}

int cramfs_diff(const struct cramfs_view *old_view, const struct cramfs_view *new_view,
                uint64_t erase_block, unsigned jobs, struct cramfs_diff *diff)
{
    *diff = (struct cramfs_diff){.views = {old_view, new_view}, .erase_block = erase_block};
    int error = diff_trees(diff, jobs);
    if (!error)
        error = compare_usage(diff);
    if (!error)
        compare_bytes(diff);
    return error;
}

void cramfs_diff_free(struct cramfs_diff *diff)
{
    if (!diff)
        return;
    free(diff->changes);
    diff->changes = NULL;
    free(diff->growths);
    diff->growths = NULL;
    free(diff->new_entries);
    diff->new_entries = NULL;
}

const char *cramfs_change_name(enum cramfs_change_bit bit)
{
    switch (bit) {
    case CRAMFS_CHANGED_TYPE:
        return "type";
    case CRAMFS_CHANGED_MODE:
        return "mode";
    case CRAMFS_CHANGED_OWNER:
        return "owner";
    case CRAMFS_CHANGED_CONTENT:
        return "content";
    case CRAMFS_CHANGED_IN_PLACE:
        return "in-place";
    case CRAMFS_CHANGED_MOVED:
        return "moved";
    }
    return "";
}
