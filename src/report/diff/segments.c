#include "report/diff/segments.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/elf.h"

struct candidate {
    size_t change;
    uint64_t distance; /* of the sizes */
};

static const struct cramfs_inode *inode_of(const struct cramfs_diff *diff, int side,
                                           const struct cramfs_change *change)
{
    return &diff->views[side]->survey->entries.list[change->entries[side]].inode;
}

static bool begins_like_elf(const struct cramfs_diff *diff, int side,
                            const struct cramfs_change *change, struct block_reader *reader)
{
    uint32_t length;
    return block_reader_program(reader, diff->views[side], change->entries[side], &length) &&
           memcmp(reader->page, "\177ELF", 4) == 0;
}

static int most_first(const void *first, const void *second)
{
    const struct candidate *a = first;
    const struct candidate *b = second;
    if (a->distance != b->distance)
        return a->distance > b->distance ? -1 : 1;
    return a->change < b->change ? -1 : a->change > b->change;
}

int segments_find_files(const struct cramfs_diff *diff, struct block_reader *reader, size_t **list,
                        size_t *count)
{
    struct candidate *found = calloc(diff->changes_count + 1, sizeof(*found));
    *list = calloc(diff->changes_count + 1, sizeof(**list));
    *count = 0;
    for (size_t i = 0; found && *list && i < diff->changes_count; i++) {
        const struct cramfs_change *change = &diff->changes[i];
        if (!(change->what & CRAMFS_CHANGED_CONTENT) || !begins_like_elf(diff, 0, change, reader) ||
            !begins_like_elf(diff, 1, change, reader))
            continue;
        uint32_t before = inode_of(diff, 0, change)->size;
        uint32_t after = inode_of(diff, 1, change)->size;
        found[(*count)++] = (struct candidate){i, before > after ? before - after : after - before};
    }
    int error = found && *list ? 0 : -CRAMFS_ERR_MEMORY;
    if (*count)
        qsort(found, *count, sizeof(*found), most_first);
    for (size_t i = 0; i < *count; i++)
        (*list)[i] = found[i].change;
    free(found);
    return error;
}

/* The next segment with these flags from *at on; NULL when there is none. */
static const struct cramfs_elf_segment *next_with(const struct cramfs_elf *elf, uint32_t flags,
                                                  size_t *at)
{
    for (; *at < elf->segments_count; (*at)++) {
        if ((elf->segments[*at].flags & 7u) == flags)
            return &elf->segments[(*at)++];
    }
    return NULL;
}

static int pair_segments(const struct cramfs_elf elves[2], uint32_t flags,
                         struct segment_rows *rows)
{
    size_t at[2] = {0, 0};
    for (;;) {
        struct segment_row row = {.flags = flags};
        const struct cramfs_elf_segment *segments[2];
        for (int side = 0; side < 2; side++) {
            segments[side] = next_with(&elves[side], flags, &at[side]);
            row.there[side] = segments[side] != NULL;
            row.bytes[side] = segments[side] ? segments[side]->file_size : 0;
        }
        if (!segments[0] && !segments[1])
            return 0;
        row.number = segments[1] ? segments[1]->number : segments[0]->number;
        if (!ARRAY_GROW(rows, list))
            return -CRAMFS_ERR_MEMORY;
        rows->list[rows->list_count++] = row;
    }
}

static int by_number(const void *first, const void *second)
{
    const struct segment_row *a = first;
    const struct segment_row *b = second;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->flags < b->flags ? -1 : a->flags > b->flags;
}

/* Symbols, debug information, section headers: what remains of the file. */
static int add_rest(const struct cramfs_elf elves[2], const uint32_t sizes[2],
                    struct segment_rows *rows)
{
    struct segment_row row = {.number = -1, .there = {true, true}};
    for (int side = 0; side < 2; side++) {
        uint64_t loaded = 0;
        for (size_t i = 0; i < elves[side].segments_count; i++)
            loaded += elves[side].segments[i].file_size;
        row.bytes[side] = sizes[side] > loaded ? sizes[side] - loaded : 0; /* they may overlap */
    }
    if (!row.bytes[0] && !row.bytes[1])
        return 0;
    if (!ARRAY_GROW(rows, list))
        return -CRAMFS_ERR_MEMORY;
    rows->list[rows->list_count++] = row;
    return 0;
}

static int read_elf(const struct cramfs_diff *diff, int side, const struct cramfs_change *change,
                    struct block_reader *reader, struct cramfs_elf *elf)
{
    const struct cramfs_inode *inode = inode_of(diff, side, change);
    unsigned char *bytes;
    int error = cramfs_image_read_file(diff->views[side]->image, inode, reader->inflater, &bytes);
    if (error)
        return error;
    error = cramfs_elf_read(bytes, inode->size, elf);
    free(bytes);
    return error;
}

int segments_compare(const struct cramfs_diff *diff, const struct cramfs_change *change,
                     struct block_reader *reader, struct segment_rows *rows)
{
    struct cramfs_elf elves[2] = {0};
    uint32_t sizes[2];
    int error = 0;
    *rows = (struct segment_rows){0};
    for (int side = 0; !error && side < 2; side++) {
        sizes[side] = inode_of(diff, side, change)->size;
        error = read_elf(diff, side, change, reader, &elves[side]);
    }
    bool readable = !error && elves[0].segments_count && elves[1].segments_count;
    for (uint32_t flags = 0; readable && !error && flags < 8; flags++)
        error = pair_segments(elves, flags, rows);
    if (rows->list_count)
        qsort(rows->list, rows->list_count, sizeof(*rows->list), by_number);
    if (readable && !error)
        error = add_rest(elves, sizes, rows);
    cramfs_elf_free(&elves[0]);
    cramfs_elf_free(&elves[1]);
    return error == -CRAMFS_ERR_FORMAT ? 0 : error; /* damaged: nothing is known about it */
}
