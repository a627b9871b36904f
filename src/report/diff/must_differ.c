#include "report/diff/must_differ.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"

/* What is known of a page's number, as bits: by side, and by how the page is encoded. */
enum { OLD_DEFLATED = 1, OLD_STORED = 2, NEW_DEFLATED = 4, NEW_STORED = 8 };

/* A table, or its entry, must change. */
struct either {
    uint64_t entry;
    uint64_t table;
};

struct floor {
    const struct cramfs_view *const *views;
    struct contents *contents;
    uint64_t unit;
    bool *marked; /* erase blocks of the first image */
    uint64_t marked_count;
    unsigned char *pages; /* by number of a page */
    size_t pages_count;
    size_t pages_capacity;
    bool *old_files; /* by number of a file's content: the first image has it */
    size_t old_files_count;
    size_t old_files_capacity;
    struct either *eithers;
    size_t eithers_count;
    size_t eithers_capacity;
    uint64_t new_bytes;
};

static const struct cramfs_entry *entry_of(const struct floor *floor, int side, uint32_t entry)
{
    return &floor->views[side]->survey->entries.list[entry];
}

static void mark(struct floor *floor, uint64_t offset, uint64_t length)
{
    for (uint64_t i = offset / floor->unit; length && i <= (offset + length - 1) / floor->unit;
         i++) {
        if (i < floor->marked_count)
            floor->marked[i] = true;
    }
}

static bool has_blocks(const struct floor *floor, int side, uint32_t entry)
{
    return cramfs_survey_has_blocks(floor->views[side]->survey, entry);
}

static struct cramfs_table table_of(const struct floor *floor, int side, uint32_t entry)
{
    return cramfs_image_table(floor->views[side]->image, &entry_of(floor, side, entry)->inode);
}

/* What is known of the page's number; NULL when memory runs out. */
static unsigned char *page_bits(struct floor *floor, uint32_t number)
{
    if (number >= floor->pages_count) {
        size_t extra = number + 1 - floor->pages_count;
        if (!array_reserve(&floor->pages, sizeof(*floor->pages), floor->pages_count,
                           &floor->pages_capacity, extra))
            return NULL;
        while (floor->pages_count <= number)
            floor->pages[floor->pages_count++] = 0;
    }
    return &floor->pages[number];
}

/* Bytes of an encoding that the first image does not have count once. */
static int add_block(struct floor *floor, int side, const struct cramfs_block *block)
{
    bool stored = block->kind == CRAMFS_BLOCK_STORED;
    uint32_t number;
    if (block->fault || block->kind == CRAMFS_BLOCK_HOLE)
        return 0;
    int error = contents_page(floor->contents, side, block, 0, &number);
    unsigned char *bits = error ? NULL : page_bits(floor, number);
    if (!bits)
        return -CRAMFS_ERR_MEMORY;
    unsigned char old = stored ? OLD_STORED : OLD_DEFLATED;
    unsigned char new = stored ? NEW_STORED : NEW_DEFLATED;
    if (side == 1 && !(*bits & (old | new)))
        floor->new_bytes += block->length;
    *bits = (unsigned char)(*bits | (side ? new : old));
    return 0;
}

static int add_blocks(struct floor *floor, int side)
{
    uint32_t entries = floor->views[side]->survey->entries.list_count;
    int error = 0;
    for (uint32_t i = 0; !error && i < entries; i++) {
        if (floor->views[side]->survey->inode[i] != i)
            continue;
        struct cramfs_table table = table_of(floor, side, i);
        uint32_t blocks = cramfs_block_count(table.size, table.page_size);
        for (uint32_t j = 0; !error && j < blocks; j++) {
            struct cramfs_block block;
            cramfs_block_locate(&table, j, &block);
            error = add_block(floor, side, &block);
        }
    }
    return error;
}

static int add_old_files(struct floor *floor)
{
    uint32_t entries = floor->views[0]->survey->entries.list_count;
    for (uint32_t i = 0; i < entries; i++) {
        uint32_t number;
        if (floor->views[0]->survey->inode[i] != i)
            continue;
        int error = contents_file(floor->contents, 0, i, &number);
        if (error)
            return error;
        if (number >= floor->old_files_count &&
            !array_reserve(&floor->old_files, sizeof(*floor->old_files), floor->old_files_count,
                           &floor->old_files_capacity, number + 1 - floor->old_files_count))
            return -CRAMFS_ERR_MEMORY;
        while (floor->old_files_count <= number)
            floor->old_files[floor->old_files_count++] = false;
        floor->old_files[number] = true;
    }
    return 0;
}

struct floor *floor_create(const struct cramfs_view *const views[2], struct contents *contents,
                           uint64_t erase_block)
{
    struct floor *floor = calloc(1, sizeof(*floor));
    if (!floor)
        return NULL;
    floor->views = views;
    floor->contents = contents;
    floor->unit = erase_block;
    floor->marked_count = views[0]->image->reader.size / erase_block + 1;
    floor->marked = array_create(floor->marked_count, sizeof(*floor->marked));
    if (floor->marked && add_old_files(floor) == 0 && add_blocks(floor, 0) == 0 &&
        add_blocks(floor, 1) == 0)
        return floor;
    floor_free(floor);
    return NULL;
}

void floor_free(struct floor *floor)
{
    if (!floor)
        return;
    free(floor->marked);
    free(floor->pages);
    free(floor->old_files);
    free(floor->eithers);
    free(floor);
}

/* Whether a pointer can stay as it is: the block is the same, or takes the old one's place. */
static int block_fits(struct floor *floor, const struct cramfs_block found[2], bool *fits)
{
    uint32_t numbers[2];
    int error = 0;
    for (int side = 0; !error && side < 2; side++)
        error = contents_page(floor->contents, side, &found[side], 0, &numbers[side]);
    *fits = found[0].kind == found[1].kind &&
            (found[0].kind == CRAMFS_BLOCK_STORED ? found[0].length == found[1].length
                                                  : found[0].length >= found[1].length);
    if (!error)
        *fits |= numbers[0] == numbers[1] && found[0].kind == found[1].kind;
    return error;
}

static int add_tables(struct floor *floor, const uint32_t entries[2])
{
    struct cramfs_table tables[2];
    uint32_t blocks[2];
    bool fits = true;
    for (int side = 0; side < 2; side++) {
        tables[side] = table_of(floor, side, entries[side]);
        blocks[side] = cramfs_block_count(tables[side].size, tables[side].page_size);
    }
    if (blocks[0] != blocks[1]) {
        floor->new_bytes += (uint64_t)blocks[1] * CRAMFS_POINTER_SIZE;
        return 0;
    }
    for (uint32_t i = 0; fits && i < blocks[0]; i++) {
        struct cramfs_block found[2];
        for (int side = 0; side < 2; side++)
            cramfs_block_locate(&tables[side], i, &found[side]);
        int error = block_fits(floor, found, &fits);
        if (error)
            return error;
    }
    if (fits)
        return 0;
    if (!ARRAY_GROW(floor, eithers))
        return -CRAMFS_ERR_MEMORY;
    floor->eithers[floor->eithers_count++] =
        (struct either){entry_of(floor, 0, entries[0])->offset, tables[0].offset};
    return 0;
}

static bool same_fields(const struct cramfs_inode *a, const struct cramfs_inode *b)
{
    return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid && a->size == b->size;
}

int floor_add_pair(struct floor *floor, const uint32_t entries[2])
{
    const struct cramfs_entry *before = entry_of(floor, 0, entries[0]);
    const struct cramfs_entry *after = entry_of(floor, 1, entries[1]);
    if (!same_fields(&before->inode, &after->inode))
        mark(floor, before->offset, CRAMFS_INODE_SIZE);
    if (!has_blocks(floor, 1, entries[1]))
        return 0;
    if ((before->inode.mode & S_IFMT) != (after->inode.mode & S_IFMT) ||
        !has_blocks(floor, 0, entries[0]))
        return floor_add_new(floor, entries[1]);
    /* Once an inode: others have the same table. */
    if (floor->views[1]->survey->inode[entries[1]] != entries[1])
        return 0;
    return add_tables(floor, entries);
}

int floor_add_new(struct floor *floor, uint32_t entry)
{
    uint32_t number;
    if (!has_blocks(floor, 1, entry) || floor->views[1]->survey->inode[entry] != entry)
        return 0;
    int error = contents_file(floor->contents, 1, entry, &number);
    if (error || (number < floor->old_files_count && floor->old_files[number]))
        return error;
    struct cramfs_table table = table_of(floor, 1, entry);
    floor->new_bytes +=
        (uint64_t)cramfs_block_count(table.size, table.page_size) * CRAMFS_POINTER_SIZE;
    return 0;
}

void floor_add_directories(struct floor *floor, const uint32_t entries[2], uint64_t offset)
{
    const struct cramfs_inode *before = &entry_of(floor, 0, entries[0])->inode;
    const struct cramfs_inode *after = &entry_of(floor, 1, entries[1])->inode;
    uint64_t end = (uint64_t)before->offset + after->size;
    /* The root's entries cannot go elsewhere. */
    if (after->size > before->size && entries[0] != 0)
        floor->new_bytes += after->size;
    else if (before->size && offset < end)
        mark(floor, offset, end - offset);
}

static bool any_marked(const struct floor *floor, uint64_t offset)
{
    return offset / floor->unit < floor->marked_count && floor->marked[offset / floor->unit];
}

uint64_t floor_count(struct floor *floor)
{
    mark(floor, floor->views[0]->image->super_offset, CRAMFS_SUPER_SIZE);
    for (size_t i = 0; i < floor->eithers_count; i++) {
        const struct either *either = &floor->eithers[i];
        if (!any_marked(floor, either->entry) && !any_marked(floor, either->table))
            mark(floor, either->table, 1);
    }
    uint64_t count = (floor->new_bytes + floor->unit - 1) / floor->unit;
    for (uint64_t i = 0; i < floor->marked_count; i++)
        count += floor->marked[i];
    return count;
}
