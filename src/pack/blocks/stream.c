#include "pack/blocks/stream.h"

#include <stdlib.h>
#include <string.h>

#include "pack/blocks/block_bytes.h"
#include "pack/blocks/plain_pages.h"

/*
 * Batches are numbered around a ring:
 *
 *     ring:  | done, refs kept | oldest, in the pool | ... | filling |
 *
 * A batch that was handed over keeps the refs of its pages until its place in the ring is needed:
 * batches in the pool may have pages that equal one of its pages.
 */
struct page_stream {
    struct block_store *store;
    const struct cramfs_plan_options *options;
    page_taker *take;
    void *context;
    struct pool *pool;
    struct batch **ring;
    unsigned ring_size;
    unsigned filling;        /* its place; the batch is NULL until it gets a page */
    unsigned oldest;         /* the place of the batch that the pool returns next */
    struct hash_index first; /* pages in the pool that others may equal, by their bytes */
    struct block_inflater *inflater;
};

struct page_stream *page_stream_create(const struct cramfs_plan_options *options,
                                       struct block_store *store, page_taker *take, void *context)
{
    struct page_stream *stream = calloc(1, sizeof(*stream));
    struct pool_work work = batch_work(options);
    if (!stream)
        return NULL;
    stream->options = options;
    stream->store = store;
    stream->take = take;
    stream->context = context;
    stream->pool = pool_create(options->jobs, &work);
    if (stream->pool) {
        /*
         * A page may equal a page of an earlier batch: earlier by at most as many batches as the
         * pool holds, plus one if its own batch was still being filled. Twice that many places keep
         * both batches until both are done.
         */
        stream->ring_size = 2 * pool_depth(stream->pool) + 2;
        stream->ring = calloc(stream->ring_size, sizeof(struct batch *));
    }
    stream->inflater = block_inflater_create();
    if (!stream->ring || !stream->inflater) {
        page_stream_free(stream);
        return NULL;
    }
    return stream;
}

void page_stream_free(struct page_stream *stream)
{
    if (!stream)
        return;
    if (stream->pool)
        pool_free(stream->pool);
    for (unsigned i = 0; stream->ring && i < stream->ring_size; i++)
        batch_free(stream->ring[i]);
    free(stream->ring);
    hash_index_free(&stream->first);
    block_inflater_free(stream->inflater);
    free(stream);
}

static unsigned after(const struct page_stream *stream, unsigned place)
{
    return (place + 1) % stream->ring_size;
}

static struct batch_page *page_of(const struct page_stream *stream, uint32_t number)
{
    return &stream->ring[number / BATCH_PAGES]->pages[number % BATCH_PAGES];
}

/* Pages with equal bytes have equal results if both are only to be compressed. */
static bool may_equal(const struct batch_page *page)
{
    return !page->in_place && !page->raw;
}

struct wanted_stream_page {
    const struct page_stream *stream;
    const struct batch_page *page;
    const void *raw;
};

static bool has_bytes(void *context, uint32_t number)
{
    const struct wanted_stream_page *wanted = context;
    const struct batch_page *other = page_of(wanted->stream, number);
    const struct batch *batch = wanted->stream->ring[number / BATCH_PAGES];
    return other->raw_length == wanted->page->raw_length &&
           memcmp(batch->raw + other->raw_offset, wanted->raw, other->raw_length) == 0;
}

/* The page in the pool with these bytes, or NO_PAGE. */
static uint32_t find_on_its_way(const struct page_stream *stream, const struct batch_page *page,
                                const void *raw)
{
    struct wanted_stream_page wanted = {stream, page, raw};
    uint32_t number;
    return hash_index_find(&stream->first, page->hash, has_bytes, &wanted, &number) ? number
                                                                                    : NO_PAGE;
}

/*
 * Pairs a page in place with one of equal bytes that is not: arrange.c may use the first for both.
 */
static void pair(struct page_stream *stream, const struct batch *batch,
                 const struct batch_page *page)
{
    struct encoded_block *blocks = stream->store->blocks;
    const unsigned char *raw = batch->raw + page->raw_offset;
    uint32_t found;
    size_t cursor = 0;
    if (placed_only(page)) {
        while ((found = block_store_next(stream->store, page->hash, false, &cursor)) != NO_BLOCK) {
            if (blocks[found].placed == NO_BLOCK &&
                block_has_bytes(&blocks[found], raw, page->raw_length, stream->inflater))
                blocks[found].placed = page->placed_ref;
        }
    } else if (!page->in_place && !page->hole && page->equals == NO_PAGE &&
               blocks[page->ref].placed == NO_BLOCK) {
        while ((found = block_store_next(stream->store, page->hash, true, &cursor)) != NO_BLOCK) {
            if (block_has_bytes(&blocks[found], raw, page->raw_length, stream->inflater))
                blocks[page->ref].placed = found;
        }
    }
}

/* Adds a block in place that has the data of the page's other block, which is not a hole. */
static int add_placed(struct page_stream *stream, const struct batch *batch,
                      struct batch_page *page)
{
    struct block_store *store = stream->store;
    const struct encoded_block *other = &store->blocks[page->ref];
    struct encoded_block placed = stored_page(batch, page, FORM_IN_PLACE);
    bool inflates = other->form == FORM_DEFLATED && !placed.lasting;
    if (!placed.lasting) {
        placed.data = other->data;
        placed.stream_length = inflates ? other->length : 0;
        placed.lasting = true;
    }
    int error = block_store_append(store, &placed, page->hash, &page->placed_ref);
    if (error)
        return error;
    store->blocks[page->ref].placed = page->placed_ref;
    if (inflates)
        plain_pages_keep(store, page->ref, batch->raw + page->raw_offset, stream->options);
    return 0;
}

/* Sets the page's block in place: the one that its other block is paired with, if it has both. */
static int set_placed(struct page_stream *stream, const struct batch *batch,
                      struct batch_page *page)
{
    if (page->ref == REF_HOLE) {
        struct encoded_block placed = stored_page(batch, page, FORM_IN_PLACE);
        int error = block_store_add(stream->store, &placed, page->hash, &page->placed_ref);
        if (!error && page->slot && stream->store->blocks[page->placed_ref].data != page->slot)
            plain_pages_give_back(stream->store, page->slot, stream->options->page_size);
        return error;
    }
    page->placed_ref = stream->store->blocks[page->ref].placed;
    return page->placed_ref == NO_BLOCK ? add_placed(stream, batch, page) : 0;
}

static int set_refs(struct page_stream *stream, const struct batch *batch, struct batch_page *page)
{
    int error = 0;
    page->ref = REF_HOLE;
    page->placed_ref = NO_BLOCK;
    if (page->equals != NO_PAGE)
        page->ref = page_of(stream, page->equals)->ref;
    else if (!page->hole && !placed_only(page))
        error = block_store_add(stream->store, &page->block, page->hash, &page->ref);
    if (!error && page->in_place)
        error = set_placed(stream, batch, page);
    if (placed_only(page))
        page->ref = page->placed_ref;
    return error;
}

/* Takes the oldest batch from the pool; 1 if there was one. */
static int hand_over(struct page_stream *stream)
{
    struct batch *batch = pool_take(stream->pool);
    if (!batch)
        return 0;
    unsigned place = stream->oldest;
    stream->oldest = after(stream, place);
    int error = batch->failed ? -CRAMFS_ERR_MEMORY : 0;
    for (uint32_t i = 0; !error && i < batch->pages_count; i++) {
        struct batch_page *page = &batch->pages[i];
        page->last_of_batch = i == batch->pages_count - 1;
        if (page->first)
            hash_index_remove(&stream->first, page->hash, place * BATCH_PAGES + i);
        error = set_refs(stream, batch, page);
        if (!error)
            pair(stream, batch, page);
        if (!error)
            error = stream->take(stream->context, page);
    }
    batch_drop_bytes(batch);
    return error ? error : 1;
}

static int submit(struct page_stream *stream)
{
    struct batch *batch = stream->ring[stream->filling];
    while (pool_full(stream->pool)) {
        int error = hand_over(stream);
        if (error < 0)
            return error;
    }
    pool_submit(stream->pool, batch);
    stream->filling = after(stream, stream->filling);
    batch_free(stream->ring[stream->filling]);
    stream->ring[stream->filling] = NULL;
    return 0;
}

/* Makes sure that a batch has room for `length` bytes and one page. */
static int make_room(struct page_stream *stream, uint32_t length)
{
    struct batch **batch = &stream->ring[stream->filling];
    if (*batch && !batch_has_room(*batch, length)) {
        int error = submit(stream);
        if (error)
            return error;
        batch = &stream->ring[stream->filling];
    }
    if (!*batch)
        *batch = batch_create();
    return *batch ? 0 : -CRAMFS_ERR_MEMORY;
}

int page_stream_add(struct page_stream *stream, const struct batch_page *page, const void *raw)
{
    struct batch_page added = *page;
    added.hash = hash_bytes(raw, page->raw_length, 0);
    added.equals = may_equal(page) ? find_on_its_way(stream, &added, raw) : NO_PAGE;
    /* If the store must copy a page for sure, the worker does, and touches the new memory first. */
    if (placed_only(page) && !page->older.block.data) {
        added.slot = plain_pages_take(stream->store, stream->options->page_size);
        if (!added.slot)
            return -CRAMFS_ERR_MEMORY;
    }
    /* Making room may hand the equal page over; its refs are kept long enough. */
    int error = make_room(stream, added.equals == NO_PAGE ? page->raw_length : 0);
    if (error)
        return error;
    struct batch *batch = stream->ring[stream->filling];
    uint32_t number = stream->filling * BATCH_PAGES + (uint32_t)batch->pages_count;
    if (may_equal(page) && added.equals == NO_PAGE) {
        block_store_find(stream->store, added.hash, page->raw_length, &added.earlier);
        added.first = hash_index_add(&stream->first, added.hash, number) == 0;
    }
    return batch_add(batch, &added, raw) ? 0 : -CRAMFS_ERR_MEMORY;
}

int page_stream_finish(struct page_stream *stream)
{
    int result = stream->ring[stream->filling] ? submit(stream) : 0;
    int taken = 1;
    while (!result && taken) {
        taken = hand_over(stream);
        result = taken < 0 ? taken : 0;
    }
    return result;
}
