#include "read/extract/contents.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/pool.h"
#include "cramfs/codec.h"
#include "cramfs/diag.h"

/* Large enough that the cost of a write(2) is mostly the copying of its bytes. */
enum { PART_BYTES = 256 * 1024 };

struct contents {
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    const bool *skipped;
    struct pool *pool;
    uint32_t entry; /* the next part to submit: its entry and its first block */
    uint32_t block;
    struct part_job *current; /* the last job that the pool has returned */
    bool used;                /* `current` was given to the caller */
};

struct part_job {
    const struct cramfs_image *image;
    struct cramfs_table table;
    uint32_t entry;
    struct contents_part part;
    unsigned char *bytes;
};

static void free_job(struct part_job *job)
{
    if (!job)
        return;
    free(job->part.kinds);
    free(job->bytes);
    free(job);
}

static enum contents_block read_block(const struct part_job *job, struct cramfs_inflater *inflater,
                                      uint32_t number)
{
    struct cramfs_block block;
    cramfs_block_locate(&job->table, job->part.first_block + number, &block);
    if (!block.fault && block.kind == CRAMFS_BLOCK_HOLE)
        return CONTENTS_HOLE;
    unsigned char *to = job->bytes + (size_t)number * job->table.page_size;
    switch (cramfs_image_read_block(job->image, &block, inflater, to, NULL)) {
    case 0:
        return CONTENTS_BYTES;
    case -CRAMFS_ERR_MEMORY:
        return CONTENTS_NO_MEMORY;
    default:
        return CONTENTS_DAMAGED;
    }
}

static void read_part(void *inflater, void *argument)
{
    struct part_job *job = argument;
    for (uint32_t i = 0; i < job->part.blocks; i++)
        job->part.kinds[i] = read_block(job, inflater, i);
}

static void *inflater_create(void *context)
{
    (void)context;
    return cramfs_inflater_create();
}

static void inflater_free(void *inflater)
{
    cramfs_inflater_free(inflater);
}

struct contents *contents_open(const struct cramfs_image *image, const struct cramfs_survey *survey,
                               const bool *skipped, unsigned jobs)
{
    struct pool_work work = {inflater_create, inflater_free, read_part, NULL};
    struct contents *contents = calloc(1, sizeof(*contents));
    if (!contents)
        return NULL;
    *contents = (struct contents){.image = image, .survey = survey, .skipped = skipped};
    contents->pool = pool_create(jobs, &work);
    if (!contents->pool) {
        free(contents);
        return NULL;
    }
    return contents;
}

void contents_close(struct contents *contents)
{
    if (!contents)
        return;
    free_job(contents->current);
    for (struct part_job *job; (job = pool_take(contents->pool));)
        free_job(job);
    pool_free(contents->pool);
    free(contents);
}

static bool has_contents(const struct contents *contents, uint32_t entry)
{
    const struct cramfs_inode *inode = &contents->survey->entries.list[entry].inode;
    return !contents->skipped[entry] && S_ISREG(inode->mode) && inode->size &&
           cramfs_survey_has_blocks(contents->survey, entry);
}

static int create_job(struct contents *contents, const struct cramfs_table *table,
                      struct part_job **created)
{
    uint32_t blocks = cramfs_block_count(table->size, table->page_size) - contents->block;
    uint64_t begin = (uint64_t)contents->block * table->page_size;
    if (blocks > PART_BYTES / table->page_size)
        blocks = PART_BYTES / table->page_size;
    uint64_t length = (uint64_t)blocks * table->page_size;
    if (length > table->size - begin)
        length = table->size - begin;
    struct part_job *job = calloc(1, sizeof(*job));
    if (!job)
        return -CRAMFS_ERR_MEMORY;
    *job = (struct part_job){
        .image = contents->image,
        .table = *table,
        .entry = contents->entry,
        .part = {.first_block = contents->block, .blocks = blocks, .length = (uint32_t)length},
        .bytes = malloc((size_t)length),
    };
    job->part.kinds = calloc(blocks, sizeof(*job->part.kinds));
    job->part.bytes = job->bytes;
    if (!job->bytes || !job->part.kinds) {
        free_job(job);
        return -CRAMFS_ERR_MEMORY;
    }
    *created = job;
    return 0;
}

/* Submits parts until the pool is full. */
static int read_ahead(struct contents *contents)
{
    while (contents->entry < contents->survey->entries.list_count && !pool_full(contents->pool)) {
        if (!has_contents(contents, contents->entry)) {
            contents->entry++;
            contents->block = 0; /* the entry may have been skipped after its first parts */
            continue;
        }
        struct cramfs_table table = cramfs_image_table(
            contents->image, &contents->survey->entries.list[contents->entry].inode);
        struct part_job *job;
        int error = create_job(contents, &table, &job);
        if (error)
            return error;
        contents->block += job->part.blocks;
        if (contents->block == cramfs_block_count(table.size, table.page_size)) {
            contents->entry++;
            contents->block = 0;
        }
        pool_submit(contents->pool, job);
    }
    return 0;
}

int contents_next(struct contents *contents, uint32_t entry, const struct contents_part **part)
{
    *part = NULL;
    if (contents->entry < entry) { /* the caller has left the file before its end */
        contents->entry = entry;
        contents->block = 0;
    }
    while (!contents->current || contents->used || contents->current->entry < entry) {
        free_job(contents->current);
        contents->current = NULL;
        contents->used = false;
        int error = read_ahead(contents);
        contents->current = pool_take(contents->pool);
        /* If memory was too short to read ahead, freeing the parts already read may help. */
        if (!contents->current)
            return contents->entry == entry ? error : 0;
    }
    if (contents->current->entry == entry) {
        *part = &contents->current->part;
        contents->used = true;
    }
    return 0;
}
