/*
 * The stream of pages: they go in as they are read, and come out encoded, in the same order.
 *
 * A worker pool is between the two. A page with the bytes of an earlier page is not compressed
 * again. While the earlier one is in the pool, the two are compared as they are; later the worker
 * inflates the earlier page's block, and compares with that. So the output depends only on the
 * input, not on the speed of the workers.
 */
#ifndef CRAMFS_PACK_BLOCKS_STREAM_H
#define CRAMFS_PACK_BLOCKS_STREAM_H

#include "pack/blocks/batch.h"

struct page_stream;

/* Called for each page in turn, with its refs set; an error ends the stream. */
typedef int page_taker(void *context, const struct batch_page *page);

/*
 * Blocks go to `store`, which like `options` must outlive the stream. Returns NULL if memory runs
 * out, or no thread can be started.
 */
struct page_stream *page_stream_create(const struct cramfs_plan_options *options,
                                       struct block_store *store, page_taker *take, void *context);

/*
 * Adds a page. The caller sets the members of *page up to `older`. The raw_length bytes in `raw`
 * are copied if needed. May hand over earlier pages. Returns 0, -CRAMFS_ERR_MEMORY, or the taker's
 * error.
 */
int page_stream_add(struct page_stream *stream, const struct batch_page *page, const void *raw);

/* Hands over all pages that are left. Errors as above. */
int page_stream_finish(struct page_stream *stream);

void page_stream_free(struct page_stream *stream);

#endif
