/*
 * A batch: the unit of work of the encoder. It has pages of one file or of many small ones, so that
 * a job is worth a thread's attention whatever the sizes of files.
 */
#ifndef CRAMFS_PACK_BLOCKS_BATCH_H
#define CRAMFS_PACK_BLOCKS_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "cramfs/plan.h"
#include "pack/blocks/block_bytes.h"

/*
 * 64 KiB, the largest page, take about a millisecond to compress: long compared with the cost of
 * passing a job to a worker, short compared with a build. The page count bounds batches of tiny
 * files.
 */
enum { BATCH_BYTES = 64 << 10, BATCH_PAGES = 512 };

#define NO_PAGE UINT32_MAX

struct batch_page {
    uint32_t node; /* number of the file's node */
    uint32_t raw_length;
    bool in_place; /* by selection */
    bool both; /* encoded in both forms: it is not decided yet whether it goes in place; the same
                  for all pages of a store */
    bool raw;  /* not to be compressed */
    bool last_of_file; /* its file is complete with this page */
    struct older_page older;
    /* Used by the stream: */
    unsigned char *slot;          /* into which the worker copies its bytes; NULL: none */
    bool first;                   /* later pages may have its bytes, no earlier one has */
    uint32_t raw_offset;          /* in the batch's raw bytes, if it equals no earlier page */
    bool last_of_batch;           /* the last page that is handed over with its batch */
    uint32_t equals;              /* number of an earlier page with its bytes, or NO_PAGE */
    uint64_t hash;                /* of the raw bytes */
    struct encoded_block earlier; /* a block that may have its bytes; data is NULL: none */
    /* The result: */
    bool hole;
    bool older_stored; /* `older` is stored, and has its bytes */
    struct encoded_block
        block;           /* if not only in place: its data is in the batch, or in the store */
    uint32_t ref;        /* in the store, or REF_HOLE; set by the stream */
    uint32_t placed_ref; /* of a page that may go in place, or NO_BLOCK; set by the stream */
};

struct batch {
    unsigned char *raw;
    size_t raw_used;
    unsigned char *encoded; /* made by the worker */
    struct batch_page *pages;
    size_t pages_count;
    size_t pages_capacity;
    bool failed; /* memory ran out in the worker */
};

/* NULL when memory runs out. */
struct batch *batch_create(void);
void batch_free(struct batch *batch);

/* Whether the batch has room for a page of `length` bytes. */
bool batch_has_room(const struct batch *batch, size_t length);

/*
 * Adds a page and, if it equals no earlier page, copies its bytes. The caller has checked that
 * there is room. Returns false when memory runs out.
 */
bool batch_add(struct batch *batch, const struct batch_page *page, const void *raw);

/* Whether it goes in place: it is encoded in no other form. */
static inline bool placed_only(const struct batch_page *page)
{
    return page->in_place && !page->both;
}

/* The page's bytes as a stored block: the older image's, or the batch's, which must have them. */
struct encoded_block stored_page(const struct batch *batch, const struct batch_page *page,
                                 enum block_form form);

/* Frees all but the list of pages. */
void batch_drop_bytes(struct batch *batch);

/* The encoder's work for a pool: jobs are batches. `options` must outlive the pool. */
struct pool_work batch_work(const struct cramfs_plan_options *options);

#endif
