/*
 * Blocks: one pass over the sorted extents finds overlaps and what lies between them, and sends
 * every deflated block once to the workers.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/pool.h"
#include "base/zero.h"
#include "read/check.h"
#include "read/tell.h"

/* Blocks to a job: some milliseconds of inflating. */
enum { JOB_BLOCKS = 256 };

struct block_job {
    const struct checking *checking;
    size_t count;
    struct tested_block {
        uint32_t entry;
        uint32_t index;
        uint64_t length; /* of the stream's bytes and what follows them */
        uint64_t offset;
        uint32_t file_bytes;
        bool failed;
        bool has_slack;
        bool has_nul; /* of a link */
        struct cramfs_block_detail detail;
    } blocks[JOB_BLOCKS];
};

struct inflating {
    const struct checking *checking;
    struct pool *pool;
    struct block_job *job; /* being filled */
};

struct inflater {
    struct cramfs_inflater *inflater;
    unsigned char page[CRAMFS_MAX_PAGE_SIZE];
};

static void *worker_create(void *context)
{
    (void)context;
    struct inflater *worker = malloc(sizeof(*worker));
    if (!worker)
        return NULL;
    worker->inflater = cramfs_inflater_create();
    if (!worker->inflater) {
        free(worker);
        return NULL;
    }
    return worker;
}

static void worker_free(void *state)
{
    struct inflater *worker = state;
    cramfs_inflater_free(worker->inflater);
    free(worker);
}

static struct cramfs_block locate(const struct checking *checking, uint32_t entry, uint32_t index)
{
    struct cramfs_table table =
        cramfs_image_table(checking->image, &checking->survey->entries.list[entry].inode);
    struct cramfs_block block;
    cramfs_block_locate(&table, index, &block);
    return block;
}

static bool is_link(const struct checking *checking, uint32_t entry)
{
    return S_ISLNK(checking->survey->entries.list[entry].inode.mode);
}

static bool has_slack(const struct cramfs_image *image, const struct cramfs_block *block,
                      uint32_t used)
{
    const unsigned char *bytes = cramfs_image_bytes(image, block->offset, block->length);
    return bytes && used < block->length && !all_zero(bytes + used, block->length - used);
}

static void inflate_one(struct inflater *worker, const struct checking *checking,
                        struct tested_block *tested)
{
    struct cramfs_block block = locate(checking, tested->entry, tested->index);
    tested->offset = block.offset;
    tested->length = block.length;
    tested->file_bytes = block.file_bytes;
    tested->failed = cramfs_image_read_block(checking->image, &block, worker->inflater,
                                             worker->page, &tested->detail) != 0;
    tested->has_slack = !tested->failed && has_slack(checking->image, &block, tested->detail.used);
    tested->has_nul = !tested->failed && is_link(checking, tested->entry) &&
                      memchr(worker->page, 0, tested->file_bytes);
}

static void inflate_job(void *state, void *argument)
{
    struct inflater *worker = state;
    struct block_job *job = argument;
    for (size_t i = 0; i < job->count; i++)
        inflate_one(worker, job->checking, &job->blocks[i]);
}

static void tell_link_nul(const struct checking *checking, struct place place)
{
    tell(checking->listener, CRAMFS_RULE_LINK_NUL, place, "the target ends at a NUL in it");
}

static void tell_failure(const struct checking *checking, const struct tested_block *tested,
                         struct place place)
{
    if (tested->detail.over_page)
        tell(checking->listener, CRAMFS_RULE_BLOCK_OVER_PAGE, place,
             "its %" PRIu64 " bytes inflate to more than %" PRIu32, tested->length,
             checking->image->page_size);
    else
        tell(checking->listener, CRAMFS_RULE_BLOCK_INFLATE, place,
             "its %" PRIu64 " bytes do not inflate", tested->length);
}

static void tell_tested(const struct checking *checking, const struct tested_block *tested)
{
    struct place place = in_block(tested->entry, tested->index, tested->offset);
    uint32_t written = tested->detail.written;
    if (tested->failed) {
        tell_failure(checking, tested, place);
        return;
    }
    if (written != tested->file_bytes)
        tell(checking->listener,
             written > tested->file_bytes ? CRAMFS_RULE_BLOCK_PAST_END : CRAMFS_RULE_BLOCK_SHORT,
             place, "it inflates to %" PRIu32 " bytes, the file has %" PRIu32 " there", written,
             tested->file_bytes);
    if (tested->has_slack)
        tell(checking->listener, CRAMFS_RULE_BLOCK_SLACK, place,
             "the stream has %" PRIu32 " of its %" PRIu64 " bytes", tested->detail.used,
             tested->length);
    if (tested->has_nul)
        tell_link_nul(checking, place);
}

static int collect_job(const struct inflating *inflating)
{
    struct block_job *job = pool_take(inflating->pool);
    if (!job)
        return 0;
    for (size_t i = 0; i < job->count; i++)
        tell_tested(inflating->checking, &job->blocks[i]);
    free(job);
    return 1;
}

static void submit_job(struct inflating *inflating)
{
    if (!inflating->job)
        return;
    if (pool_full(inflating->pool))
        collect_job(inflating);
    pool_submit(inflating->pool, inflating->job);
    inflating->job = NULL;
}

static int add_deflated(struct inflating *inflating, const struct cramfs_extent *extent)
{
    if (!inflating->job) {
        inflating->job = malloc(sizeof(*inflating->job));
        if (!inflating->job)
            return -CRAMFS_ERR_MEMORY;
        inflating->job->checking = inflating->checking;
        inflating->job->count = 0;
    }
    struct block_job *job = inflating->job;
    job->blocks[job->count].entry = extent->owner;
    job->blocks[job->count].index = extent->first_block;
    if (++job->count == JOB_BLOCKS)
        submit_job(inflating);
    return 0;
}

/*
 * What follows the end of a file in its last page in place is mapped with it: rule 6 of mapping
 * wants zeroes there.
 */
static void check_tail(const struct checking *checking, const struct cramfs_block *block,
                       struct place place)
{
    uint64_t end = block->offset + block->length;
    uint64_t rest = checking->image->page_size - block->length;
    uint64_t size = checking->image->reader.size;
    const unsigned char *bytes =
        cramfs_image_bytes(checking->image, end, rest < size - end ? rest : size - end);
    if (bytes && end < size && !all_zero(bytes, rest < size - end ? rest : size - end))
        tell(checking->listener, CRAMFS_RULE_TAIL_SHARED, place,
             "not all of the %" PRIu64 " bytes behind its end are zero", rest);
}

static void check_stored(const struct checking *checking, const struct cramfs_extent *extent)
{
    struct cramfs_block block = locate(checking, extent->owner, extent->first_block);
    struct place place = in_block(extent->owner, extent->first_block, block.offset);
    if (block.kind != CRAMFS_BLOCK_STORED) /* a lost tail, which the survey has told */
        return;
    if (block.length != block.file_bytes)
        tell(checking->listener,
             block.length > block.file_bytes ? CRAMFS_RULE_BLOCK_PAST_END : CRAMFS_RULE_BLOCK_SHORT,
             place, "it stores %" PRIu64 " bytes, the file has %" PRIu32 " there", block.length,
             block.file_bytes);
    if (extent->kind == CRAMFS_EXTENT_IN_PLACE && block.length < checking->image->page_size)
        check_tail(checking, &block, place);
    const unsigned char *bytes = cramfs_image_bytes(checking->image, block.offset, block.length);
    if (is_link(checking, extent->owner) && bytes && memchr(bytes, 0, block.length))
        tell_link_nul(checking, place);
}

/* Bytes [begin, end) belong to nothing; alignment and fill are zeroes. */
static void check_gap(const struct checking *checking, uint64_t begin, uint64_t end)
{
    const unsigned char *bytes = cramfs_image_bytes(checking->image, begin, end - begin);
    for (uint64_t i = 0; bytes && i < end - begin; i++) {
        if (bytes[i]) {
            tell(checking->listener, CRAMFS_RULE_UNOWNED_BYTES, in_image(begin + i),
                 "nothing owns the %" PRIu64 " bytes from here on", end - begin - i);
            return;
        }
    }
}

static bool is_metadata(const struct cramfs_extent *extent)
{
    return extent->kind == CRAMFS_EXTENT_SUPER || extent->kind == CRAMFS_EXTENT_DIRECTORY ||
           extent->kind == CRAMFS_EXTENT_TABLE;
}

static void tell_overlap(const struct checking *checking, const struct cramfs_extent *extent,
                         const struct cramfs_extent *before)
{
    char path[CRAMFS_PATH_SIZE];
    char shown[96];
    size_t length =
        cramfs_entry_path(&checking->survey->entries, before->owner, path, sizeof(path));
    uint32_t block = extent->blocks ? extent->first_block : CRAMFS_NO_BLOCK;
    bool metadata = is_metadata(extent) || is_metadata(before);
    tell(checking->listener, metadata ? CRAMFS_RULE_BLOCK_IN_METADATA : CRAMFS_RULE_BLOCK_OVERLAP,
         in_block(extent->owner, block, extent->offset),
         "its bytes up to %" PRIu64 " overlap the %s at %" PRIu64 " to %" PRIu64 " of %s",
         extent->offset + extent->length, cramfs_extent_kind_name(before->kind), before->offset,
         before->offset + before->length, cramfs_escape(path, length, shown, sizeof(shown)));
}

static bool is_stored(const struct cramfs_extent *extent)
{
    return extent->kind == CRAMFS_EXTENT_STORED || extent->kind == CRAMFS_EXTENT_IN_PLACE;
}

/*
 * A last block may share the first bytes of a stored block that is longer; and of a faulty block
 * everything has been told.
 */
static bool may_overlap(const struct cramfs_extent *a, const struct cramfs_extent *b)
{
    if (a->kind == CRAMFS_EXTENT_FAULTY || b->kind == CRAMFS_EXTENT_FAULTY)
        return true;
    return is_stored(a) && is_stored(b) && a->offset == b->offset;
}

static int visit_extents(struct inflating *inflating)
{
    const struct checking *checking = inflating->checking;
    const struct cramfs_extents *extents = &checking->survey->extents;
    const struct cramfs_extent *furthest = NULL;
    uint64_t reach = 0;
    for (size_t i = 0; i < extents->list_count; i++) {
        const struct cramfs_extent *extent = &extents->list[i];
        bool overlaps = extent->offset < reach && !may_overlap(furthest, extent);
        if (extent->offset > reach)
            check_gap(checking, reach, extent->offset);
        int error = 0;
        if (overlaps)
            tell_overlap(checking, extent, furthest);
        else if (is_stored(extent))
            check_stored(checking, extent);
        else if (extent->kind == CRAMFS_EXTENT_DEFLATED)
            error = add_deflated(inflating, extent);
        if (error)
            return error;
        if (extent->offset + extent->length > reach) {
            reach = extent->offset + extent->length;
            furthest = extent;
        }
    }
    if (checking->image->reader.size > reach)
        check_gap(checking, reach, checking->image->reader.size);
    return 0;
}

int check_blocks(const struct checking *checking)
{
    struct pool_work work = {worker_create, worker_free, inflate_job, NULL};
    struct inflating inflating = {.checking = checking,
                                  .pool = pool_create(checking->options->jobs, &work)};
    if (!inflating.pool)
        return -CRAMFS_ERR_MEMORY;
    int error = visit_extents(&inflating);
    submit_job(&inflating);
    while (collect_job(&inflating))
        ;
    pool_free(inflating.pool);
    return error;
}
