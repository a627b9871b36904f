#include "pack/like/old.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/block.h"
#include "pack/blocks/older_entries.h"

static bool has_table(const struct cramfs_like_entry *entry)
{
    bool has_bytes = S_ISREG(entry->inode.mode) || S_ISLNK(entry->inode.mode);
    return entry->usable && has_bytes && entry->inode.size && entry->inode.offset;
}

static int compare_pages(const void *first, const void *second)
{
    const struct cramfs_like_page *a = first;
    const struct cramfs_like_page *b = second;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* What the block inflates to, if the caller knows it, and it is as long as the file has it. */
static const struct cramfs_like_page *find_page(const struct cramfs_like *like,
                                                const struct cramfs_block *block)
{
    struct cramfs_like_page wanted = {.offset = block->offset};
    if (block->kind != CRAMFS_BLOCK_DEFLATED || !like->pages_count)
        return NULL;
    const struct cramfs_like_page *page =
        bsearch(&wanted, like->pages, like->pages_count, sizeof(wanted), compare_pages);
    return page && page->used <= block->length && page->length == block->file_bytes ? page : NULL;
}

struct wanted_old_block {
    const struct old_image *old;
    uint64_t offset;
};

static bool begins_there(void *context, uint32_t number)
{
    const struct wanted_old_block *wanted = context;
    return wanted->old->blocks[number].offset == wanted->offset;
}

/*
 * Sets *number to the block, or to OLD_NONE if the bytes are already listed as another block: with
 * another length, or for a page of another length.
 */
static int add_block(struct old_image *old, const struct cramfs_block *found, uint32_t *number)
{
    struct old_block block = {
        .offset = found->offset,
        .length = (uint32_t)found->length,
        .file_bytes = found->file_bytes,
        .stored = found->kind == CRAMFS_BLOCK_STORED,
        .page = find_page(old->like, found),
        .same = NO_BLOCK,
    };
    uint64_t hash = hash_mix(0, block.offset);
    struct wanted_old_block wanted = {old, block.offset};
    if (hash_index_find(&old->blocks_index, hash, begins_there, &wanted, number)) {
        const struct old_block *other = &old->blocks[*number];
        if (other->length != block.length || other->file_bytes != block.file_bytes ||
            other->stored != block.stored)
            *number = OLD_NONE;
        return 0;
    }
    if (!ARRAY_GROW(old, blocks))
        return -CRAMFS_ERR_MEMORY;
    *number = (uint32_t)old->blocks_count;
    old->blocks[old->blocks_count++] = block;
    return hash_index_add(&old->blocks_index, hash, *number);
}

static int add_slot(struct old_image *old, const struct cramfs_block *block)
{
    struct old_slot slot = {
        .block = OLD_NONE,
        .direct = block->direct,
        .hole = block->kind == CRAMFS_BLOCK_HOLE && !block->fault,
    };
    int error = 0;
    if (slot.hole && block->prefixed && !old->zero_word)
        old->zero_word = block->offset - CRAMFS_DIRECT_PREFIX;
    if (!slot.hole && !block->fault)
        error = add_block(old, block, &slot.block);
    if (error || !ARRAY_GROW(old, slots))
        return -CRAMFS_ERR_MEMORY;
    old->slots[old->slots_count++] = slot;
    return 0;
}

static int add_file(struct old_image *old, uint32_t entry)
{
    const struct cramfs_like *like = old->like;
    const struct cramfs_inode *inode = &like->entries[entry].inode;
    struct cramfs_table table = {
        .reader = like->reader,
        .order = like->order,
        .page_size = like->page_size,
        .offset = inode->offset,
        .size = inode->size,
    };
    struct old_file file = {
        .entry = entry,
        .table = inode->offset,
        .size = inode->size,
        .first_slot = old->slots_count,
        .slots_count = cramfs_block_count(inode->size, like->page_size),
    };
    if (!ARRAY_GROW(old, files))
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < file.slots_count; i++) {
        struct cramfs_block block;
        cramfs_block_locate(&table, i, &block);
        int error = add_slot(old, &block);
        if (error)
            return error;
    }
    old->files[old->files_count++] = file;
    return 0;
}

struct wanted_old_table {
    const struct old_image *old;
    uint32_t offset;
};

static bool is_table(void *context, uint32_t file)
{
    const struct wanted_old_table *wanted = context;
    return wanted->old->files[file].table == wanted->offset;
}

/* Entries with one table are one file. */
static int add_files(struct old_image *old)
{
    struct hash_index tables = {0};
    int error = 0;
    for (uint32_t i = 0; !error && i < old->like->entries_count; i++) {
        uint32_t offset = old->like->entries[i].inode.offset;
        uint32_t file;
        old->file_of_entry[i] = OLD_NONE;
        if (!has_table(&old->like->entries[i]))
            continue;
        struct wanted_old_table wanted = {old, offset};
        if (!hash_index_find(&tables, hash_mix(0, offset), is_table, &wanted, &file)) {
            file = (uint32_t)old->files_count;
            error = add_file(old, i);
            if (!error)
                error = hash_index_add(&tables, hash_mix(0, offset), file);
        }
        old->file_of_entry[i] = file;
    }
    hash_index_free(&tables);
    return error;
}

int old_read(const struct cramfs_like *like, const struct cramfs_tree *tree, struct old_image *old)
{
    *old = (struct old_image){.like = like};
    old->entry_of_node = older_entries(like, tree);
    old->file_of_entry = malloc(like->entries_count * sizeof(*old->file_of_entry));
    if (!old->entry_of_node || !old->file_of_entry)
        return -CRAMFS_ERR_MEMORY;
    return add_files(old);
}

int old_note_encoding(struct old_image *old, uint32_t block, uint32_t original)
{
    if (block < old->twins_count)
        return 0;
    /* Blocks without a note are originals: they may have been added to the store in between. */
    while (old->twins_count + old->originals_count <= block) {
        if (!ARRAY_GROW(old, originals))
            return -CRAMFS_ERR_MEMORY;
        old->originals[old->originals_count] = (uint32_t)(old->twins_count + old->originals_count);
        old->originals_count++;
    }
    old->originals[block - old->twins_count] = original;
    return 0;
}

void old_free(struct old_image *old)
{
    free(old->files);
    free(old->slots);
    free(old->blocks);
    hash_index_free(&old->blocks_index);
    free(old->entry_of_node);
    free(old->file_of_entry);
    free(old->twins);
    free(old->originals);
    memset(old, 0, sizeof(*old));
}
