/*
 * Inflating, the slow part of the check: each deflated block once, on a worker pool. Faults of a
 * block are reported in the order in which blocks were added; its contents go into
 * checking->contents.
 */
#ifndef CRAMFS_READ_CHECK_INFLATING_H
#define CRAMFS_READ_CHECK_INFLATING_H

#include "cramfs/extent.h"
#include "read/check/check.h"
#include "read/report_finding.h"

struct block_job;

struct inflating {
    const struct checking *checking;
    struct pool *pool;
    struct block_job *job; /* being filled */
};

/* Returns 0 or -CRAMFS_ERR_MEMORY. */
int inflating_start(struct inflating *inflating, const struct checking *checking);

/* Adds one block, by the number of its extent. Returns 0 or -CRAMFS_ERR_MEMORY. */
int inflating_add(struct inflating *inflating, size_t extent);

/* Waits for all jobs, reports the rest, and frees. */
void inflating_finish(struct inflating *inflating);

/* Where a block of an entry is. */
struct cramfs_block checked_block(const struct checking *checking, uint32_t entry, uint32_t index);

#endif
