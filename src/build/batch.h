/*
 * A batch: the unit of work of the encoder. Pages of one file or of many small ones, so that a job
 * is worth a thread's attention whatever the sizes of files.
 */
#ifndef CRAMFS_BUILD_BATCH_H
#define CRAMFS_BUILD_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "build/store.h"
#include "cramfs/plan.h"

struct batch_page {
    uint32_t node;       /* number of the file's node */
    uint32_t raw_offset; /* in the batch's raw bytes */
    uint32_t raw_length;
    bool in_place;     /* by selection */
    bool both;         /* and encoded otherwise, too: it is not decided yet */
    bool raw;          /* not to be compressed */
    bool last_of_file; /* its file is complete with this page */
    /* The result: */
    bool hole;
    struct encoded_block block;  /* its data is in the batch's raw or encoded bytes */
    struct encoded_block placed; /* of a page that may go in place */
    uint64_t hash;               /* of the raw bytes */
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

/* Whether a page of `length` bytes still fits. */
bool batch_has_room(const struct batch *batch, size_t length);

/* Copies a page in; the caller has asked for room. Returns false when memory runs out. */
bool batch_add(struct batch *batch, const struct batch_page *page, const void *raw);

/* The encoder's work for a pool: jobs are batches. `options` must outlive the pool. */
struct pool_work batch_work(const struct cramfs_plan_options *options);

#endif
