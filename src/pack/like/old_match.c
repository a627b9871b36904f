/*
 * Finds the old blocks whose content a block of the store has.
 *
 * Most files have not changed, nor have their encoded bytes: it is enough to compare those. Only
 * the other blocks are inflated, and looked up by their hash.
 */
#include <stdlib.h>
#include <string.h>

#include "cramfs/codec.h"
#include "cramfs/diag.h"
#include "pack/layout/arrange.h"
#include "pack/like/old.h"

struct matching {
    struct old_image *old;
    const struct encoded_tree *encoded;
    struct cramfs_inflater *inflater;
    unsigned char *pages[2];
};

static bool is_stored(const struct encoded_block *block)
{
    return block->form != FORM_DEFLATED;
}

static const unsigned char *old_bytes(const struct old_image *old, const struct old_block *block)
{
    return old->like->bytes + block->offset;
}

/*
 * The file's `file_bytes` bytes in the block; NULL when it does not inflate, or inflates to more: a
 * shorter file can share the block of a longer one in an older image that was made elsewhere.
 */
static const unsigned char *page_of(struct matching *matching, const unsigned char *data,
                                    uint32_t length, bool stored, uint32_t file_bytes, int which)
{
    size_t used;
    size_t written;
    if (stored)
        return length == file_bytes ? data : NULL;
    unsigned char *page = matching->pages[which];
    if (cramfs_inflate(matching->inflater, data, length, page, matching->old->like->page_size,
                       &used, &written) != 0 ||
        written > file_bytes)
        return NULL;
    if (written < file_bytes)
        memset(page + written, 0, file_bytes - written);
    return page;
}

/* The bytes that a block of the store encodes, or NULL, as above. */
static const unsigned char *page_in_store(struct matching *matching,
                                          const struct encoded_block *block, int which)
{
    return page_of(matching, block->data, block_data_length(block),
                   is_stored(block) && !block->stream_length, block->file_bytes, which);
}

static bool same_bytes(struct matching *matching, const struct old_block *block,
                       const struct encoded_block *other)
{
    if (block->stored != is_stored(other) || block->length != other->length ||
        block->file_bytes != other->file_bytes)
        return false;
    const unsigned char *bytes =
        other->stream_length ? page_in_store(matching, other, 1) : other->data;
    return bytes && memcmp(old_bytes(matching->old, block), bytes, block->length) == 0;
}

/* A block that a compressor makes only a little smaller is not written again. */
static bool little_smaller(const struct encoded_block *block, const struct old_block *than)
{
    return block->length + block->length / 8 >= than->length;
}

bool old_serves(const struct old_image *old, const struct encoded_tree *encoded,
                const struct old_slot *old_slot, const struct content *content, uint32_t slot,
                bool raw)
{
    uint32_t ref = encoded->refs[content->first_ref + slot];
    if (ref >= old->twins_count || old_slot->block == OLD_NONE)
        return false;
    const struct old_block *block = &old->blocks[old_slot->block];
    if (block->same != old->twins[ref])
        return false;
    const struct encoded_block *wanted = &encoded->store.blocks[ref];
    if (block->stored == is_stored(wanted))
        return true;
    bool needed =
        !direct_reads_right(wanted, slot, content->refs_count, content->size, old->like->page_size);
    /* A direct and stored block may be in place because it was chosen to be. */
    return block->stored ? !old_slot->direct && little_smaller(wanted, block)
                         : wanted->form == FORM_STORED && (needed || !raw);
}

bool old_equals(const struct old_image *old, const struct encoded_tree *encoded,
                const struct old_file *file, const struct content *content, bool raw)
{
    if (file->size != content->size)
        return false;
    for (uint32_t i = 0; i < content->refs_count; i++) {
        const struct old_slot *slot = &old->slots[file->first_slot + i];
        bool hole = encoded->refs[content->first_ref + i] == REF_HOLE;
        if (slot->hole != hole)
            return false;
        if (!hole && !old_serves(old, encoded, slot, content, i, raw))
            return false;
    }
    return true;
}

/* A hash that no content of the tree has. */
enum { UNMATCHED = 0x7fffffff };

uint64_t old_file_hash(const struct old_image *old, const struct old_file *file)
{
    uint64_t hash = hash_mix(0, file->size);
    for (uint32_t i = 0; i < file->slots_count; i++) {
        const struct old_slot *slot = &old->slots[file->first_slot + i];
        uint32_t same = slot->block == OLD_NONE ? NO_BLOCK : old->blocks[slot->block].same;
        hash = hash_mix(hash, slot->hole ? REF_HOLE : same == NO_BLOCK ? UNMATCHED : same);
    }
    return hash;
}

uint64_t old_content_hash(const struct old_image *old, const struct encoded_tree *encoded,
                          const struct content *content)
{
    uint64_t hash = hash_mix(0, content->size);
    for (uint32_t i = 0; i < content->refs_count; i++) {
        uint32_t ref = encoded->refs[content->first_ref + i];
        hash = hash_mix(hash, ref == REF_HOLE ? REF_HOLE : old->twins[ref]);
    }
    return hash;
}

static bool same_page(struct matching *matching, const unsigned char *raw, uint32_t file_bytes,
                      const struct encoded_block *other)
{
    if (other->file_bytes != file_bytes)
        return false;
    const unsigned char *page = page_in_store(matching, other, 1);
    return page && memcmp(page, raw, file_bytes) == 0;
}

struct wanted_old_page {
    struct matching *matching;
    const unsigned char *raw;
    uint32_t file_bytes;
    uint32_t from; /* a block of the store that has them, as blocks paired with it do; NO_BLOCK */
};

static bool holds_page(void *context, uint32_t number)
{
    const struct wanted_old_page *wanted = context;
    const struct encoded_block *block = &wanted->matching->encoded->store.blocks[number];
    if (wanted->from != NO_BLOCK && (number == wanted->from || block->placed == wanted->from))
        return true;
    return same_page(wanted->matching, wanted->raw, wanted->file_bytes, block);
}

/* The first block of the store with these bytes, or NO_BLOCK. The index is by their hash. */
static uint32_t find_page(struct wanted_old_page *wanted, uint64_t hash)
{
    const struct block_store *store = &wanted->matching->encoded->store;
    uint32_t first = NO_BLOCK;
    uint32_t number;
    size_t cursor = 0;
    while (hash_index_next(&store->index, hash, holds_page, wanted, &cursor, &number))
        first = number < first ? number : first;
    return first;
}

/*
 * A deflated block has twins only if a stored block has the same content: each page is deflated
 * once.
 */
static void find_twins(struct matching *matching)
{
    const struct block_store *store = &matching->encoded->store;
    uint32_t *twins = matching->old->twins;
    for (uint32_t i = 0; i < store->blocks_count; i++)
        twins[i] = i;
    for (uint32_t i = 0; i < store->blocks_count; i++) {
        const struct encoded_block *block = &store->blocks[i];
        uint32_t number;
        size_t cursor = 0;
        if (!is_stored(block) || twins[i] != i)
            continue;
        const unsigned char *raw = page_in_store(matching, block, 0);
        if (!raw)
            continue;
        uint64_t hash = hash_bytes(raw, block->length, 0);
        struct wanted_old_page wanted = {matching, raw, block->length, i};
        uint32_t first = find_page(&wanted, hash);
        while (hash_index_next(&store->index, hash, holds_page, &wanted, &cursor, &number))
            twins[number] = first;
    }
}

/* Compares the node with the old file at its path, slot by slot. */
static void match_node(struct matching *matching, uint32_t node)
{
    struct old_image *old = matching->old;
    uint32_t entry = old->entry_of_node[node];
    uint32_t number = matching->encoded->content_of_node[node];
    if (entry == OLD_NONE || old->file_of_entry[entry] == OLD_NONE || number == NO_CONTENT)
        return;
    const struct old_file *file = &old->files[old->file_of_entry[entry]];
    const struct content *content = &matching->encoded->contents[number];
    for (uint32_t i = 0; i < file->slots_count && i < content->refs_count; i++) {
        uint32_t block = old->slots[file->first_slot + i].block;
        uint32_t ref = matching->encoded->refs[content->first_ref + i];
        if (block == OLD_NONE || ref == REF_HOLE || old->blocks[block].same != NO_BLOCK)
            continue;
        if (!same_bytes(matching, &old->blocks[block], &matching->encoded->store.blocks[ref]))
            continue;
        old->blocks[block].same = old->twins[ref];
    }
}

static void match_rest(struct matching *matching)
{
    struct old_image *old = matching->old;
    for (size_t i = 0; i < old->blocks_count; i++) {
        struct old_block *block = &old->blocks[i];
        if (block->same != NO_BLOCK)
            continue;
        const unsigned char *raw = page_of(matching, old_bytes(old, block), block->length,
                                           block->stored, block->file_bytes, 0);
        struct wanted_old_page wanted = {matching, raw, block->file_bytes, NO_BLOCK};
        if (raw)
            block->same = find_page(&wanted, hash_bytes(raw, block->file_bytes, 0));
    }
}

static int prepare(struct matching *matching)
{
    size_t blocks = matching->encoded->store.blocks_count;
    uint32_t page_size = matching->old->like->page_size;
    matching->inflater = cramfs_inflater_create();
    matching->pages[0] = malloc(page_size);
    matching->pages[1] = malloc(page_size);
    matching->old->twins = calloc(blocks + 1, sizeof(*matching->old->twins));
    matching->old->twins_count = blocks;
    bool ready =
        matching->inflater && matching->pages[0] && matching->pages[1] && matching->old->twins;
    return ready ? 0 : -CRAMFS_ERR_MEMORY;
}

int old_match(struct old_image *old, const struct cramfs_tree *tree,
              const struct encoded_tree *encoded)
{
    struct matching matching = {.old = old, .encoded = encoded};
    int error = prepare(&matching);
    if (!error)
        find_twins(&matching);
    for (uint32_t i = 0; !error && i < tree->nodes_count; i++)
        match_node(&matching, i);
    if (!error)
        match_rest(&matching);
    cramfs_inflater_free(matching.inflater);
    free(matching.pages[0]);
    free(matching.pages[1]);
    return error;
}
