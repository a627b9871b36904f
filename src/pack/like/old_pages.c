#include "pack/like/old_pages.h"

#include <stdlib.h>

#include "cramfs/diag.h"

/* The file that was at the node's path, or NULL. */
static const struct old_file *file_of(const struct old_image *old, uint32_t node)
{
    uint32_t entry = old->entry_of_node[node];
    uint32_t file = entry == OLD_NONE ? OLD_NONE : old->file_of_entry[entry];
    return file == OLD_NONE ? NULL : &old->files[file];
}

static struct older_page older_of(const struct old_image *old, uint32_t number)
{
    const struct old_block *block = &old->blocks[number];
    return (struct older_page){
        .block =
            {
                .data = old->like->bytes + block->offset,
                .length = block->length,
                .file_bytes = block->file_bytes,
                .form = block->stored ? FORM_STORED : FORM_DEFLATED,
                .lasting = true,
                .placed = NO_BLOCK,
            },
        .bytes = block->page ? block->page->bytes : NULL,
        .used = block->page ? block->page->used : 0,
    };
}

/*
 * What the block inflates to, perhaps in the inflater's page. Returns NULL if that does not have
 * the right length.
 */
static const unsigned char *inflated(struct old_pages *pages, const struct old_block *block)
{
    size_t used;
    size_t written;
    if (block->page)
        return block->page->bytes;
    return cramfs_inflate(pages->inflater->inflater, pages->old->like->bytes + block->offset,
                          block->length, pages->inflater->page, block->file_bytes, &used,
                          &written) == 0 &&
                   written == block->file_bytes
               ? pages->inflater->page
               : NULL;
}

/* Whether each block is of a file whose path the tree has. */
static void mark_kept(const struct old_image *old, const struct cramfs_tree *tree, bool *kept)
{
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct old_file *file = file_of(old, i);
        for (uint32_t slot = 0; file && slot < file->slots_count; slot++) {
            uint32_t block = old->slots[file->first_slot + slot].block;
            if (block != OLD_NONE)
                kept[block] = true;
        }
    }
}

static int index_moved(struct old_pages *pages, const bool *kept)
{
    const struct old_image *old = pages->old;
    int error = 0;
    for (uint32_t i = 0; !error && i < old->blocks_count; i++) {
        const struct old_block *block = &old->blocks[i];
        const unsigned char *bytes = kept[i] || block->stored ? NULL : inflated(pages, block);
        if (bytes)
            error = hash_index_add(&pages->moved, hash_bytes(bytes, block->file_bytes, 0), i);
    }
    return error;
}

int old_pages_prepare(const struct old_image *old, const struct cramfs_tree *tree,
                      struct old_pages *pages)
{
    *pages = (struct old_pages){.old = old};
    bool *kept = calloc(old->blocks_count + 1, sizeof(*kept));
    pages->inflater = block_inflater_create();
    int error = kept && pages->inflater ? 0 : -CRAMFS_ERR_MEMORY;
    if (!error) {
        mark_kept(old, tree, kept);
        error = index_moved(pages, kept);
    }
    free(kept);
    return error;
}

void old_pages_free(struct old_pages *pages)
{
    hash_index_free(&pages->moved);
    block_inflater_free(pages->inflater);
    *pages = (struct old_pages){0};
}

struct wanted_moved_page {
    struct old_pages *pages;
    const void *raw;
    uint32_t length;
};

static bool holds_page(void *context, uint32_t number)
{
    const struct wanted_moved_page *wanted = context;
    struct older_page older = older_of(wanted->pages->old, number);
    uint32_t used;
    return older_page_inflates_to(&older, wanted->raw, wanted->length, wanted->pages->inflater,
                                  &used);
}

void old_pages_find(void *context, uint32_t node, uint32_t page, const void *raw, uint32_t length,
                    struct older_page *older)
{
    struct old_pages *pages = context;
    const struct old_image *old = pages->old;
    const struct old_file *file = file_of(old, node);
    struct wanted_moved_page wanted = {pages, raw, length};
    uint32_t number = OLD_NONE;
    if (file && page < file->slots_count)
        number = old->slots[file->first_slot + page].block;
    else if (!file && pages->moved.count)
        hash_index_find(&pages->moved, hash_bytes(raw, length, 0), holds_page, &wanted, &number);
    if (number == OLD_NONE)
        return;
    struct older_page found = older_of(old, number);
    if (found.block.form == FORM_DEFLATED || found.block.length == found.block.file_bytes)
        *older = found;
}
