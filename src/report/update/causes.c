#include "report/update/causes.h"

#include <stdlib.h>

#include "base/array.h"
#include "cramfs/diag.h"

int causes_create(const struct cramfs_diff *diff, struct causes *causes)
{
    *causes = (struct causes){.diff = diff};
    int error = 0;
    for (int side = 0; !error && side < 2; side++)
        error = cramfs_usage(diff->views[side], &causes->usages[side]);
    return error;
}

void causes_free(struct causes *causes)
{
    for (int side = 0; side < 2; side++)
        cramfs_usage_free(&causes->usages[side]);
    free(causes->list);
}

const char *cause_name(enum cause_kind kind)
{
    static const char *const names[] = {
        [CAUSE_BOOT] = "boot",   [CAUSE_SUPER] = "superblock", [CAUSE_ENTRIES] = "entries",
        [CAUSE_TABLE] = "table", [CAUSE_FILE] = "file",        [CAUSE_PADDING] = "padding",
    };
    return names[kind];
}

bool cause_has_path(const struct cause *cause)
{
    return cause->kind == CAUSE_ENTRIES || cause->kind == CAUSE_TABLE || cause->kind == CAUSE_FILE;
}

static enum cause_kind kind_of(enum cramfs_usage_kind kind)
{
    switch (kind) {
    case CRAMFS_USAGE_BOOT:
        return CAUSE_BOOT;
    case CRAMFS_USAGE_METADATA:
        return CAUSE_ENTRIES;
    case CRAMFS_USAGE_TABLES:
        return CAUSE_TABLE;
    case CRAMFS_USAGE_PADDING:
        return CAUSE_PADDING;
    default:
        return CAUSE_FILE;
    }
}

static int add(struct causes *causes, enum cause_kind kind, int side, uint32_t entry)
{
    struct cause cause = {kind, side, entry};
    /* The bytes at one path in both images have one cause. */
    if (side == 0 && causes->diff->new_entries[entry] != CRAMFS_NO_ENTRY)
        cause = (struct cause){kind, 1, causes->diff->new_entries[entry]};
    if (!cause_has_path(&cause))
        cause = (struct cause){.kind = kind, .side = 1};
    if (!ARRAY_GROW(causes, list))
        return -CRAMFS_ERR_MEMORY;
    causes->list[causes->list_count++] = cause;
    return 0;
}

/* The superblock and the entries of the root have one owner, and are one piece where they touch. */
static int add_metadata(struct causes *causes, int side, const struct range *part, uint32_t owner)
{
    uint64_t super_begin = causes->diff->views[side]->image->super_offset;
    uint64_t super_end = super_begin + CRAMFS_SUPER_SIZE;
    const struct range super = {part->begin > super_begin ? part->begin : super_begin,
                                part->end < super_end ? part->end : super_end};
    const struct range rest = {part->begin > super_end ? part->begin : super_end, part->end};
    int error = 0;
    if (owner != 0 || super.begin >= super.end)
        return add(causes, CAUSE_ENTRIES, side, owner);
    if (!range_same(causes->diff, super.begin, super.end))
        error = add(causes, CAUSE_SUPER, side, 0);
    if (!error && rest.begin < rest.end && !range_same(causes->diff, rest.begin, rest.end))
        error = add(causes, CAUSE_ENTRIES, side, 0);
    return error;
}

static int look_at_piece(struct causes *causes, int side, const struct cramfs_piece *piece,
                         const struct range *range)
{
    uint64_t end = piece->offset + piece->length;
    const struct range part = {piece->offset > range->begin ? piece->offset : range->begin,
                               end < range->end ? end : range->end};
    if (range_same(causes->diff, part.begin, part.end))
        return 0;
    if (piece->kind == CRAMFS_USAGE_METADATA)
        return add_metadata(causes, side, &part, piece->owner);
    return add(causes, kind_of(piece->kind), side, piece->owner);
}

static int look_at_side(struct causes *causes, int side, const struct range *range)
{
    const struct cramfs_usage *usage = &causes->usages[side];
    size_t *at = &causes->at[side];
    int error = 0;
    while (!error && *at < usage->pieces_count && usage->pieces[*at].offset < range->end) {
        const struct cramfs_piece *piece = &usage->pieces[*at];
        uint64_t end = piece->offset + piece->length;
        if (end > range->begin)
            error = look_at_piece(causes, side, piece, range);
        if (end > range->end)
            break; /* its end may lie in another range */
        ++*at;
    }
    return error;
}

/*
 * Causes without a path come first, then those of the new image in its order, then those that only
 * the old image has.
 */
static int compare(const void *first, const void *second)
{
    const struct cause *a = first;
    const struct cause *b = second;
    if (cause_has_path(a) != cause_has_path(b))
        return cause_has_path(a) ? 1 : -1;
    if (a->side != b->side)
        return b->side - a->side;
    if (a->entry != b->entry)
        return a->entry < b->entry ? -1 : 1;
    return (a->kind > b->kind) - (a->kind < b->kind);
}

int causes_find(struct causes *causes, const struct range *range)
{
    causes->list_count = 0;
    int error = 0;
    for (int side = 0; !error && side < 2; side++)
        error = look_at_side(causes, side, range);
    if (error || !causes->list_count)
        return error;
    qsort(causes->list, causes->list_count, sizeof(*causes->list), compare);
    size_t kept = 1;
    for (size_t i = 1; i < causes->list_count; i++) {
        if (compare(&causes->list[i], &causes->list[kept - 1]) != 0)
            causes->list[kept++] = causes->list[i];
    }
    causes->list_count = kept;
    return 0;
}
