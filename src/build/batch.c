#include "build/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/zero.h"

/*
 * 256 KiB are some milliseconds of compression: long beside the cost of handing over a job, short
 * beside a build. The page count bounds trees of tiny files.
 */
enum { BATCH_BYTES = 256 << 10, BATCH_PAGES = 4096 };

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

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    free(batch->raw);
    free(batch->encoded);
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
    added->raw_offset = (uint32_t)batch->raw_used;
    memcpy(batch->raw + batch->raw_used, raw, page->raw_length);
    batch->raw_used += page->raw_length;
    return true;
}

struct encoder {
    const struct cramfs_plan_options *options;
    struct cramfs_deflater *deflater;
};

static void *encoder_create(void *context)
{
    struct encoder *encoder = malloc(sizeof(*encoder));
    if (!encoder)
        return NULL;
    encoder->options = context;
    encoder->deflater =
        cramfs_deflater_create(encoder->options->compressor, encoder->options->level);
    if (!encoder->deflater) {
        free(encoder);
        return NULL;
    }
    return encoder;
}

static void encoder_free(void *worker)
{
    struct encoder *encoder = worker;
    cramfs_deflater_free(encoder->deflater);
    free(encoder);
}

/* Compresses one page; returns how many bytes of `to` it took. */
static size_t deflate_page(const struct encoder *encoder, const unsigned char *raw,
                           struct batch_page *page, unsigned char *to)
{
    size_t length = cramfs_deflate(encoder->deflater, raw, page->raw_length, to,
                                   cramfs_deflate_bound(page->raw_length));
    /* What is not smaller is stored; legacy has no choice. */
    if (!length || (length >= page->raw_length && !encoder->options->legacy))
        return 0;
    page->block.data = to;
    page->block.length = (uint32_t)length;
    page->block.form = FORM_DEFLATED;
    return length;
}

/* Fills in what becomes of one page; returns how many bytes of `to` it took. */
static size_t encode_page(const struct encoder *encoder, const unsigned char *raw,
                          struct batch_page *page, unsigned char *to)
{
    page->block = (struct encoded_block){
        .data = raw,
        .length = page->raw_length,
        .file_bytes = page->raw_length,
        .form = FORM_STORED,
    };
    page->placed = page->block;
    page->placed.form = FORM_IN_PLACE;
    page->hash = hash_bytes(raw, page->raw_length, 0);
    if (page->in_place && !page->both) {
        page->block = page->placed;
        return 0;
    }
    page->hole = encoder->options->holes && all_zero(raw, page->raw_length);
    return page->hole || page->raw ? 0 : deflate_page(encoder, raw, page, to);
}

static void encode_batch(void *worker, void *job)
{
    const struct encoder *encoder = worker;
    struct batch *batch = job;
    size_t capacity = 0;
    for (size_t i = 0; i < batch->pages_count; i++)
        capacity += cramfs_deflate_bound(batch->pages[i].raw_length);
    batch->encoded = malloc(capacity);
    if (!batch->encoded) {
        batch->failed = true;
        return;
    }
    size_t used = 0;
    for (size_t i = 0; i < batch->pages_count; i++) {
        struct batch_page *page = &batch->pages[i];
        used += encode_page(encoder, batch->raw + page->raw_offset, page, batch->encoded + used);
    }
}

struct pool_work batch_work(const struct cramfs_plan_options *options)
{
    return (struct pool_work){
        .worker_create = encoder_create,
        .worker_free = encoder_free,
        .run = encode_batch,
        /* The pool hands it back as it is; nothing writes through it. */
        .context = (void *)(uintptr_t)options,
    };
}
