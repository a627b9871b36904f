#include "read/check/inflating.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/zero.h"
#include "codec/with_inflater.h"
#include "read/inflated.h"
#include "read/judge.h"

/* Blocks in a job: some milliseconds of inflating. */
enum { JOB_BLOCKS = 256 };

struct block_job {
    const struct checking *checking;
    size_t count;
    struct tested_block {
        size_t extent;
        uint64_t length; /* of the stream, with the bytes that follow it */
        uint64_t offset;
        uint32_t text; /* see struct block_contents */
        bool failed;
        bool has_slack;
        struct cramfs_block_detail detail;
    } blocks[JOB_BLOCKS];
};

struct check_inflater {
    struct cramfs_inflater *inflater;
    struct inflated_chunk chunk;
    unsigned char page[CRAMFS_MAX_PAGE_SIZE];
};

struct cramfs_block checked_block(const struct checking *checking, uint32_t entry, uint32_t index)
{
    struct cramfs_table table =
        cramfs_image_table(checking->image, &checking->survey->entries.list[entry].inode);
    struct cramfs_block block;
    cramfs_block_locate(&table, index, &block);
    return block;
}

static void *worker_create(void *context)
{
    (void)context;
    return with_inflater_create(sizeof(struct check_inflater));
}

static bool has_slack(const struct cramfs_image *image, const struct cramfs_block *block,
                      uint32_t used)
{
    const unsigned char *bytes = cramfs_image_bytes(image, block->offset, block->length);
    return bytes && used < block->length && !all_zero(bytes + used, (size_t)(block->length - used));
}

/*
 * Inflates up to a whole page even for a file's last block: the block may be in the middle of
 * another file.
 */
static void inflate_one(struct check_inflater *worker, const struct checking *checking,
                        struct tested_block *tested)
{
    const struct cramfs_extent *extent = &checking->survey->extents.list[tested->extent];
    struct cramfs_block block = checked_block(checking, extent->owner, extent->first_block);
    block.file_bytes = checking->image->page_size;
    tested->offset = block.offset;
    tested->length = block.length;
    unsigned char *room = inflated_room(checking->options->inflated, &worker->chunk);
    unsigned char *page = room ? room : worker->page;
    tested->failed = cramfs_image_read_block(checking->image, &block, worker->inflater, page,
                                             &tested->detail) != 0;
    tested->has_slack = !tested->failed && has_slack(checking->image, &block, tested->detail.used);
    tested->text = tested->failed ? 0 : judge_text_length(page, tested->detail.written);
    if (!tested->failed)
        inflated_add(checking->options->inflated, &worker->chunk, tested->extent, &tested->detail,
                     room != NULL);
}

static void inflate_job(void *state, void *argument)
{
    struct check_inflater *worker = state;
    struct block_job *job = argument;
    for (size_t i = 0; i < job->count; i++)
        inflate_one(worker, job->checking, &job->blocks[i]);
}

static void report_failure(const struct checking *checking, const struct tested_block *tested,
                           struct finding_place place)
{
    if (tested->detail.over_page)
        report_finding(checking->listener, CRAMFS_RULE_BLOCK_OVER_PAGE, place,
                       "its %" PRIu64 " bytes inflate to more than the %" PRIu32 " bytes of a page",
                       tested->length, checking->image->page_size);
    else
        report_finding(checking->listener, CRAMFS_RULE_BLOCK_INFLATE, place,
                       "its %" PRIu64 " bytes cannot be inflated", tested->length);
}

static void take_tested(const struct checking *checking, const struct tested_block *tested)
{
    const struct cramfs_extent *extent = &checking->survey->extents.list[tested->extent];
    struct finding_place place = in_block(extent->owner, extent->first_block, tested->offset);
    struct block_contents *contents = &checking->contents[tested->extent];
    if (tested->failed) {
        report_failure(checking, tested, place);
        return;
    }
    contents->written = tested->detail.written;
    contents->text = tested->text;
    if (tested->has_slack)
        report_finding(checking->listener, CRAMFS_RULE_BLOCK_SLACK, place,
                       "the zlib stream ends after %" PRIu32 " of its %" PRIu64
                       " bytes, and other bytes follow",
                       tested->detail.used, tested->length);
}

static void collect_job(void *context, void *argument)
{
    struct block_job *job = argument;
    for (size_t i = 0; i < job->count; i++)
        take_tested(context, &job->blocks[i]);
    free(job);
}

int inflating_add(struct inflating *inflating, size_t extent)
{
    if (!inflating->job) {
        inflating->job = malloc(sizeof(*inflating->job));
        if (!inflating->job)
            return -CRAMFS_ERR_MEMORY;
        inflating->job->checking = inflating->checking;
        inflating->job->count = 0;
    }
    struct block_job *job = inflating->job;
    job->blocks[job->count].extent = extent;
    if (++job->count == JOB_BLOCKS) {
        pool_put(inflating->pool, job);
        inflating->job = NULL;
    }
    return 0;
}

int inflating_start(struct inflating *inflating, const struct checking *checking)
{
    struct pool_work work = {worker_create, with_inflater_free, inflate_job, (void *)checking,
                             collect_job};
    *inflating = (struct inflating){.checking = checking};
    inflated_start(checking->options->inflated, checking->image, checking->survey,
                   checking->options->jobs);
    inflating->pool = pool_create(checking->options->jobs, &work);
    return inflating->pool ? 0 : -CRAMFS_ERR_MEMORY;
}

void inflating_finish(struct inflating *inflating)
{
    if (inflating->job)
        pool_put(inflating->pool, inflating->job);
    while (pool_collect(inflating->pool))
        ;
    pool_free(inflating->pool);
}
