#include "pack/blocks/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/zero.h"
#include "pack/blocks/block_bytes.h"

struct batch *batch_create(void)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (!batch)
        return NULL;
    batch->raw = malloc(BATCH_BYTES);
    if (!batch->raw) {
        free(batch);
        return NULL;
    }
    return batch;
}

void batch_drop_bytes(struct batch *batch)
{
    free(batch->raw);
    free(batch->encoded);
    batch->raw = batch->encoded = NULL;
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    batch_drop_bytes(batch);
    free(batch->pages);
    free(batch);
}

bool batch_has_room(const struct batch *batch, size_t length)
{
    return length <= BATCH_BYTES - batch->raw_used && batch->pages_count < BATCH_PAGES;
}

bool batch_add(struct batch *batch, const struct batch_page *page, const void *raw)
{
    if (!ARRAY_GROW(batch, pages))
        return false;
    struct batch_page *added = &batch->pages[batch->pages_count++];
    *added = *page;
    if (page->equals != NO_PAGE)
        return true;
    added->raw_offset = (uint32_t)batch->raw_used;
    memcpy(batch->raw + batch->raw_used, raw, page->raw_length);
    batch->raw_used += page->raw_length;
    return true;
}

struct encoded_block stored_page(const struct batch *batch, const struct batch_page *page,
                                 enum block_form form)
{
    return (struct encoded_block){
        .data = page->older_stored ? page->older.block.data
                : page->slot       ? page->slot
                                   : batch->raw + page->raw_offset,
        .length = page->raw_length,
        .file_bytes = page->raw_length,
        .form = form,
        .lasting = page->older_stored || page->slot,
    };
}

struct encoder {
    const struct cramfs_plan_options *options;
    struct cramfs_deflater *deflater;
    struct block_inflater *inflater;
    bool failed; /* memory ran out */
};

static void encoder_free(void *worker)
{
    struct encoder *encoder = worker;
    cramfs_deflater_free(encoder->deflater);
    block_inflater_free(encoder->inflater);
    free(encoder);
}

static void *encoder_create(void *context)
{
    struct encoder *encoder = malloc(sizeof(*encoder));
    if (!encoder)
        return NULL;
    encoder->options = context;
    encoder->failed = false;
    encoder->deflater =
        cramfs_deflater_create(encoder->options->compressor, encoder->options->level);
    encoder->inflater = block_inflater_create();
    if (!encoder->deflater || !encoder->inflater) {
        encoder_free(encoder);
        return NULL;
    }
    return encoder;
}

/*
 * Takes the older image's deflated block if it holds the page: only the zlib stream, without the
 * zeroes that can follow it in that image. Not for a page that may go in place: its cost depends on
 * its compressed length, and must not depend on the older image. Returns false if the block holds
 * other bytes, or is not smaller than the page.
 */
static bool take_older(struct encoder *encoder, const unsigned char *raw, struct batch_page *page)
{
    uint32_t used;
    if (page->in_place ||
        !older_page_inflates_to(&page->older, raw, page->raw_length, encoder->inflater, &used) ||
        (used >= page->raw_length && !encoder->options->legacy))
        return false;
    page->block = page->older.block;
    page->block.length = used;
    return true;
}

/* Compresses one page; returns how many bytes of `to` it took. */
static size_t deflate_page(struct encoder *encoder, const unsigned char *raw,
                           struct batch_page *page, unsigned char *to)
{
    size_t length = cramfs_deflate(encoder->deflater, raw, page->raw_length, to,
                                   cramfs_deflate_bound(page->raw_length));
    /* A page that does not get smaller is stored; in legacy images it is deflated nevertheless. */
    if (length >= page->raw_length && !encoder->options->legacy)
        return 0;
    encoder->failed |= !length;
    page->block = (struct encoded_block){
        .data = to,
        .length = (uint32_t)length,
        .file_bytes = page->raw_length,
        .form = FORM_DEFLATED,
    };
    return length;
}

/* Encodes one page; returns how many bytes of `to` it took. */
static size_t encode_page(struct encoder *encoder, const struct batch *batch,
                          struct batch_page *page, unsigned char *to)
{
    const unsigned char *raw = batch->raw + page->raw_offset;
    page->older_stored = page->older.block.data && page->older.block.form == FORM_STORED &&
                         block_has_bytes(&page->older.block, raw, page->raw_length, NULL);
    page->block = stored_page(batch, page, FORM_STORED);
    page->hole = !placed_only(page) && encoder->options->holes && all_zero(raw, page->raw_length);
    if (page->slot)
        memcpy(page->slot, raw, page->raw_length);
    if (placed_only(page) || page->hole || page->raw)
        return 0;
    if (page->earlier.data &&
        block_has_bytes(&page->earlier, raw, page->raw_length, encoder->inflater)) {
        page->block = page->earlier;
        return 0;
    }
    if (take_older(encoder, raw, page))
        return 0;
    return deflate_page(encoder, raw, page, to);
}

static void encode_batch(void *worker, void *job)
{
    struct encoder *encoder = worker;
    struct batch *batch = job;
    size_t capacity = 0;
    for (size_t i = 0; i < batch->pages_count; i++) {
        if (batch->pages[i].equals == NO_PAGE)
            capacity += cramfs_deflate_bound(batch->pages[i].raw_length);
    }
    batch->encoded = malloc(capacity ? capacity : 1);
    if (!batch->encoded) {
        batch->failed = true;
        return;
    }
    size_t used = 0;
    for (size_t i = 0; i < batch->pages_count; i++) {
        struct batch_page *page = &batch->pages[i];
        if (page->equals == NO_PAGE)
            used += encode_page(encoder, batch, page, batch->encoded + used);
    }
    batch->failed = encoder->failed;
}

struct pool_work batch_work(const struct cramfs_plan_options *options)
{
    return (struct pool_work){
        .worker_create = encoder_create,
        .worker_free = encoder_free,
        .run = encode_batch,
        /* The pool passes it on unchanged; nothing writes through it. */
        .context = (void *)(uintptr_t)options,
    };
}
