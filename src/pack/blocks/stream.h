/*
 * The stream of pages: they go in as they are read, and come out encoded, in the same order.
 *
 * Between the two lies a worker pool. A page whose bytes went in before is not compressed again:
 * while the first is on its way the two are compared as they are; later the worker inflates the
 * block that the first became, and compares with that. So what comes out depends only on what went
 * in, and not on how far the workers were.
 */
#ifndef CRAMFS_PACK_BLOCKS_STREAM_H
#define CRAMFS_PACK_BLOCKS_STREAM_H

#include "pack/blocks/batch.h"

struct page_stream;

/* Called for each page in turn, with its refs set; an error ends the stream. */
typedef int page_taker(void *context, const struct batch_page *page);

/* Blocks go to `store`, which like `options` must outlive the stream. NULL: no memory, or threads.
 */
struct page_stream *page_stream_create(const struct cramfs_plan_options *options,
                                       struct block_store *store, page_taker *take, void *context);

/*
 * Adds a page: its members before the result, and the raw_length bytes in `raw`, which are copied
 * where they are needed. May hand over earlier pages. Returns 0, -CRAMFS_ERR_MEMORY, or what the
 * taker returned.
 */
int page_stream_add(struct page_stream *stream, const struct batch_page *page, const void *raw);

/* Hands over all pages that are left. Errors as above. */
int page_stream_finish(struct page_stream *stream);

void page_stream_free(struct page_stream *stream);

#endif
