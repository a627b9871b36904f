#include "report/diff/must_differ.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/erase_blocks.h"

/* The facts known about a page's number, as bits: by image, and by how the page is encoded. */
enum { OLD_DEFLATED = 1, OLD_STORED = 2, NEW_DEFLATED = 4, NEW_STORED = 8 };

/* A table, or its entry, must change. */
struct either {
    uint64_t entry;
    uint64_t table;
};

struct must_differ {
    const struct cramfs_view *const *views;
    struct diff_contents *contents;
    struct erase_blocks blocks; /* erase blocks of the first image that must differ */
    unsigned char *pages;       /* by number of a page */
    size_t pages_count;
    size_t pages_capacity;
    bool *old_files; /* by number of a file's content: whether the first image has it */
    size_t old_files_count;
    size_t old_files_capacity;
    struct either *eithers;
    size_t eithers_count;
    size_t eithers_capacity;
    uint64_t new_bytes;
};

static const struct cramfs_entry *entry_of(const struct must_differ *must_differ, int side,
                                           uint32_t entry)
{
    return &must_differ->views[side]->survey->entries.list[entry];
}

static bool has_blocks(const struct must_differ *must_differ, int side, uint32_t entry)
{
    return cramfs_survey_has_blocks(must_differ->views[side]->survey, entry);
}

static struct cramfs_table table_of(const struct must_differ *must_differ, int side, uint32_t entry)
{
    return cramfs_image_table(must_differ->views[side]->image,
                              &entry_of(must_differ, side, entry)->inode);
}

/* The bits of the page's number; NULL when memory runs out. */
static unsigned char *page_bits(struct must_differ *must_differ, uint32_t number)
{
    if (number >= must_differ->pages_count) {
        size_t extra = number + 1 - must_differ->pages_count;
        if (!array_reserve(&must_differ->pages, sizeof(*must_differ->pages),
                           must_differ->pages_count, &must_differ->pages_capacity, extra))
            return NULL;
        while (must_differ->pages_count <= number)
            must_differ->pages[must_differ->pages_count++] = 0;
    }
    return &must_differ->pages[number];
}

/* Bytes of an encoding that the first image does not have count once. */
static int add_block(struct must_differ *must_differ, int side, const struct cramfs_block *block)
{
    bool stored = block->kind == CRAMFS_BLOCK_STORED;
    uint32_t number;
    if (block->fault || block->kind == CRAMFS_BLOCK_HOLE)
        return 0;
    int error = contents_page(must_differ->contents, side, block, 0, &number);
    unsigned char *bits = error ? NULL : page_bits(must_differ, number);
    if (!bits)
        return -CRAMFS_ERR_MEMORY;
    unsigned char old = stored ? OLD_STORED : OLD_DEFLATED;
    unsigned char new = stored ? NEW_STORED : NEW_DEFLATED;
    if (side == 1 && !(*bits & (old | new)))
        must_differ->new_bytes += block->length;
    *bits = (unsigned char)(*bits | (side ? new : old));
    return 0;
}

static int add_blocks(struct must_differ *must_differ, int side)
{
    uint32_t entries = must_differ->views[side]->survey->entries.list_count;
    int error = 0;
    for (uint32_t i = 0; !error && i < entries; i++) {
        if (must_differ->views[side]->survey->inode[i] != i)
            continue;
        struct cramfs_table table = table_of(must_differ, side, i);
        uint32_t blocks = cramfs_block_count(table.size, table.page_size);
        for (uint32_t j = 0; !error && j < blocks; j++) {
            struct cramfs_block block;
            cramfs_block_locate(&table, j, &block);
            error = add_block(must_differ, side, &block);
        }
    }
    return error;
}

static int add_old_files(struct must_differ *must_differ)
{
    uint32_t entries = must_differ->views[0]->survey->entries.list_count;
    for (uint32_t i = 0; i < entries; i++) {
        uint32_t number;
        if (must_differ->views[0]->survey->inode[i] != i)
            continue;
        int error = contents_file(must_differ->contents, 0, i, &number);
        if (error)
            return error;
        if (number >= must_differ->old_files_count &&
            !array_reserve(&must_differ->old_files, sizeof(*must_differ->old_files),
                           must_differ->old_files_count, &must_differ->old_files_capacity,
                           number + 1 - must_differ->old_files_count))
            return -CRAMFS_ERR_MEMORY;
        while (must_differ->old_files_count <= number)
            must_differ->old_files[must_differ->old_files_count++] = false;
        must_differ->old_files[number] = true;
    }
    return 0;
}

struct must_differ *must_differ_create(const struct cramfs_view *const views[2],
                                       struct diff_contents *contents, uint64_t erase_block)
{
    struct must_differ *must_differ = calloc(1, sizeof(*must_differ));
    if (!must_differ)
        return NULL;
    must_differ->views = views;
    must_differ->contents = contents;
    /* One more byte: bytes that are added at the end of the first image need a block there. */
    uint64_t size = views[0]->image->reader.size + 1;
    if (erase_blocks_create(&must_differ->blocks, size, erase_block) == 0 &&
        add_old_files(must_differ) == 0 && add_blocks(must_differ, 0) == 0 &&
        add_blocks(must_differ, 1) == 0)
        return must_differ;
    must_differ_free(must_differ);
    return NULL;
}

void must_differ_free(struct must_differ *must_differ)
{
    if (!must_differ)
        return;
    erase_blocks_free(&must_differ->blocks);
    free(must_differ->pages);
    free(must_differ->old_files);
    free(must_differ->eithers);
    free(must_differ);
}

/* Whether a pointer can stay as it is: the block is the same, or takes the old one's place. */
static int block_fits(struct must_differ *must_differ, const struct cramfs_block found[2],
                      bool *fits)
{
    uint32_t numbers[2];
    int error = 0;
    for (int side = 0; !error && side < 2; side++)
        error = contents_page(must_differ->contents, side, &found[side], 0, &numbers[side]);
    *fits = found[0].kind == found[1].kind &&
            (found[0].kind == CRAMFS_BLOCK_STORED ? found[0].length == found[1].length
                                                  : found[0].length >= found[1].length);
    if (!error)
        *fits |= numbers[0] == numbers[1] && found[0].kind == found[1].kind;
    return error;
}

static int add_tables(struct must_differ *must_differ, const uint32_t entries[2])
{
    struct cramfs_table tables[2];
    uint32_t blocks[2];
    bool fits = true;
    for (int side = 0; side < 2; side++) {
        tables[side] = table_of(must_differ, side, entries[side]);
        blocks[side] = cramfs_block_count(tables[side].size, tables[side].page_size);
    }
    if (blocks[0] != blocks[1]) {
        must_differ->new_bytes += (uint64_t)blocks[1] * CRAMFS_POINTER_SIZE;
        return 0;
    }
    for (uint32_t i = 0; fits && i < blocks[0]; i++) {
        struct cramfs_block found[2];
        for (int side = 0; side < 2; side++)
            cramfs_block_locate(&tables[side], i, &found[side]);
        int error = block_fits(must_differ, found, &fits);
        if (error)
            return error;
    }
    if (fits)
        return 0;
    if (!ARRAY_GROW(must_differ, eithers))
        return -CRAMFS_ERR_MEMORY;
    must_differ->eithers[must_differ->eithers_count++] =
        (struct either){entry_of(must_differ, 0, entries[0])->offset, tables[0].offset};
    return 0;
}

static bool same_fields(const struct cramfs_inode *a, const struct cramfs_inode *b)
{
    return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid && a->size == b->size;
}

int must_differ_add_pair(struct must_differ *must_differ, const uint32_t entries[2])
{
    const struct cramfs_entry *before = entry_of(must_differ, 0, entries[0]);
    const struct cramfs_entry *after = entry_of(must_differ, 1, entries[1]);
    if (!same_fields(&before->inode, &after->inode))
        erase_blocks_mark(&must_differ->blocks, before->offset, CRAMFS_INODE_SIZE);
    if (!has_blocks(must_differ, 1, entries[1]))
        return 0;
    if ((before->inode.mode & S_IFMT) != (after->inode.mode & S_IFMT) ||
        !has_blocks(must_differ, 0, entries[0]))
        return must_differ_add_new(must_differ, entries[1]);
    /* Once for each inode: its other names have the same table. */
    if (must_differ->views[1]->survey->inode[entries[1]] != entries[1])
        return 0;
    return add_tables(must_differ, entries);
}

int must_differ_add_new(struct must_differ *must_differ, uint32_t entry)
{
    uint32_t number;
    if (!has_blocks(must_differ, 1, entry) || must_differ->views[1]->survey->inode[entry] != entry)
        return 0;
    int error = contents_file(must_differ->contents, 1, entry, &number);
    if (error || (number < must_differ->old_files_count && must_differ->old_files[number]))
        return error;
    struct cramfs_table table = table_of(must_differ, 1, entry);
    must_differ->new_bytes +=
        (uint64_t)cramfs_block_count(table.size, table.page_size) * CRAMFS_POINTER_SIZE;
    return 0;
}

void must_differ_add_directories(struct must_differ *must_differ, const uint32_t entries[2],
                                 uint64_t offset)
{
    const struct cramfs_inode *before = &entry_of(must_differ, 0, entries[0])->inode;
    const struct cramfs_inode *after = &entry_of(must_differ, 1, entries[1])->inode;
    uint64_t end = (uint64_t)before->offset + after->size;
    /* The root's entries cannot go elsewhere. */
    if (after->size > before->size && entries[0] != 0)
        must_differ->new_bytes += after->size;
    else if (before->size && offset < end)
        erase_blocks_mark(&must_differ->blocks, offset, end - offset);
}

static bool is_marked(const struct must_differ *must_differ, uint64_t offset)
{
    return erase_block_changed(&must_differ->blocks, offset / must_differ->blocks.unit);
}

uint64_t must_differ_count(struct must_differ *must_differ)
{
    erase_blocks_mark(&must_differ->blocks, must_differ->views[0]->image->super_offset,
                      CRAMFS_SUPER_SIZE);
    for (size_t i = 0; i < must_differ->eithers_count; i++) {
        const struct either *either = &must_differ->eithers[i];
        if (!is_marked(must_differ, either->entry) && !is_marked(must_differ, either->table))
            erase_blocks_mark(&must_differ->blocks, either->table, 1);
    }
    uint64_t count =
        (must_differ->new_bytes + must_differ->blocks.unit - 1) / must_differ->blocks.unit;
    return count + erase_blocks_changed(&must_differ->blocks);
}
