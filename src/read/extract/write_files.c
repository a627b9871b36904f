#include "read/extract/write_files.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/open_files.h"
#include "base/pool.h"
#include "codec/with_inflater.h"
#include "cramfs/codec.h"
#include "read/extract/extracting.h"
#include "read/inflated.h"

/*
 * Jobs are large enough that their costs, and those of a write(2), are small next to the copying of
 * bytes. Small files share a job.
 */
enum { JOB_BYTES = 256 * 1024, JOB_FILES = 16, MOST_OPEN = OPEN_FILES_MOST };

enum { JOB_BLOCKS = JOB_BYTES / (int)CRAMFS_MIN_PAGE_SIZE };

/* What is done once the blocks are written, in order. Each step can fail. */
enum step { SET_SIZE, SET_OWNER, SET_PERMISSIONS, CLOSE, STEPS };

struct open_file {
    uint32_t entry;
    int file;
    mode_t mode;
    atomic_uint parts_left;
    atomic_bool failed; /* a write has failed: no more are tried */
    bool has_end;       /* its last block was written, and so it has its size */
    bool reported;      /* that a write has failed */
    int errors[STEPS];  /* 0, or errno */
};

/* Blocks of a file, one after the other. Jobs have all blocks of a file or only its blocks. */
struct part {
    struct open_file *file;
    uint32_t first_block;
    uint32_t blocks;
    bool *damaged; /* by block of the part */
    int error;     /* of writing: 0, or errno */
    bool last;     /* of its file */
};

struct write_job {
    struct part parts[JOB_FILES];
    uint32_t parts_count;
    uint32_t blocks;
    bool damaged[JOB_BLOCKS];
};

struct file_writer {
    struct extracting *extracting;
    struct pool *pool;
    uint32_t job_blocks; /* the most that a job has */
    /* Rings: files and jobs end in the order in which they begin. */
    struct open_file files[MOST_OPEN];
    uint32_t most_open;
    uint64_t added;
    uint64_t ended;
    struct write_job *jobs;
    uint64_t submitted; /* the job after these is being filled */
};

struct worker {
    struct cramfs_inflater *inflater;
    const struct file_writer *writer;
    size_t inflated_next; /* see inflated_find() */
    unsigned char bytes[JOB_BYTES];
};

static void *worker_create(void *context)
{
    struct worker *worker = with_inflater_create(sizeof(*worker));
    if (worker)
        worker->writer = context;
    return worker;
}

static const struct cramfs_inode *inode_of(const struct file_writer *writer, uint32_t entry)
{
    return &writer->extracting->survey->entries.list[entry].inode;
}

/*
 * The bytes of a block of a part, wherever they are already, or inflated; NULL for a hole and for a
 * block that cannot be read, which is marked as damaged.
 */
static const unsigned char *find_bytes(struct worker *worker, const struct cramfs_table *table,
                                       const struct part *part, uint32_t i, uint32_t *length)
{
    const struct extracting *extracting = worker->writer->extracting;
    struct cramfs_block block;
    cramfs_block_locate(table, part->first_block + i, &block);
    *length = block.file_bytes;
    if (!block.fault && block.kind == CRAMFS_BLOCK_HOLE)
        return NULL;
    const unsigned char *bytes = NULL;
    if (!block.fault && block.kind == CRAMFS_BLOCK_DEFLATED)
        bytes = inflated_find(extracting->inflated, table, part->first_block + i, &block, *length,
                              &worker->inflated_next);
    else if (!block.fault && block.length >= *length)
        bytes = cramfs_image_bytes(extracting->image, block.offset, *length);
    if (bytes)
        return bytes;
    /* A stream can go on after the end of its file. There is room for a whole page. */
    unsigned char *to = worker->bytes + (size_t)i * table->page_size;
    block.file_bytes = table->page_size;
    part->damaged[i] =
        cramfs_image_read_block(extracting->image, &block, worker->inflater, to, NULL) != 0;
    return part->damaged[i] ? NULL : to;
}

/* Bytes of a file, one after the other both in memory and in the file. */
struct run {
    const unsigned char *bytes;
    size_t length;
    uint64_t offset;
};

static bool write_run(const struct run *run, int file)
{
    return !run->length || io_write_at(file, run->bytes, run->length, run->offset);
}

/* Writes all but the holes. Returns false, with errno, when the file cannot be written. */
static bool write_blocks(struct worker *worker, const struct part *part)
{
    const struct file_writer *writer = worker->writer;
    struct cramfs_table table =
        cramfs_image_table(writer->extracting->image, inode_of(writer, part->file->entry));
    struct run run = {0};
    bool has_bytes = false;
    for (uint32_t i = 0; i < part->blocks; i++) {
        uint32_t length;
        const unsigned char *bytes = find_bytes(worker, &table, part, i, &length);
        has_bytes = bytes;
        if (!bytes || !run.bytes || bytes != run.bytes + run.length) {
            if (!write_run(&run, part->file->file))
                return false;
            run = (struct run){bytes, 0, ((uint64_t)part->first_block + i) * table.page_size};
        }
        run.length += bytes ? length : 0;
    }
    if (part->last)
        part->file->has_end = has_bytes;
    return write_run(&run, part->file->file);
}

static int error_of(int result)
{
    return result == 0 ? 0 : errno;
}

/* Owner before permissions: chown(2) clears set-id bits, and so does write(2). */
static void end_file(const struct file_writer *writer, struct open_file *file)
{
    const struct cramfs_inode *inode = inode_of(writer, file->entry);
    bool has_blocks = cramfs_survey_has_blocks(writer->extracting->survey, file->entry);
    if (has_blocks && !file->has_end && !atomic_load(&file->failed))
        file->errors[SET_SIZE] = error_of(ftruncate(file->file, inode->size));
    if (writer->extracting->options->owners)
        file->errors[SET_OWNER] = error_of(fchown(file->file, inode->uid, inode->gid));
    file->errors[SET_PERMISSIONS] = error_of(fchmod(file->file, file->mode));
    file->errors[CLOSE] = error_of(close(file->file));
}

static void run_job(void *state, void *argument)
{
    struct worker *worker = state;
    struct write_job *job = argument;
    for (uint32_t i = 0; i < job->parts_count; i++) {
        struct part *part = &job->parts[i];
        if (!atomic_load(&part->file->failed) && !write_blocks(worker, part)) {
            part->error = errno;
            atomic_store(&part->file->failed, true);
        }
        if (atomic_fetch_sub(&part->file->parts_left, 1) == 1)
            end_file(worker->writer, part->file);
    }
}

static void report_end(struct file_writer *writer, const struct open_file *file)
{
    static const char *const failures[] = {
        [SET_SIZE] = "cannot set the size",
        [SET_OWNER] = "cannot set the owner",
        [SET_PERMISSIONS] = "cannot set the permissions",
        [CLOSE] = "cannot write",
    };
    for (int i = 0; i < STEPS; i++)
        if (file->errors[i])
            report_failure(writer->extracting, CRAMFS_ERR_IO, file->entry, failures[i],
                           strerror(file->errors[i]));
    writer->ended++;
}

static void collect_job(void *context, void *argument)
{
    struct file_writer *writer = context;
    const struct write_job *job = argument;
    for (uint32_t i = 0; i < job->parts_count; i++) {
        const struct part *part = &job->parts[i];
        for (uint32_t k = 0; k < part->blocks && !part->file->reported; k++)
            if (part->damaged[k])
                report_failure(writer->extracting, CRAMFS_ERR_FORMAT, part->file->entry,
                               "cannot read a block",
                               "it is damaged or outside the image; the file has a hole there");
        if (part->error && !part->file->reported) {
            report_failure(writer->extracting, CRAMFS_ERR_IO, part->file->entry, "cannot write",
                           strerror(part->error));
            part->file->reported = true;
        }
        if (part->last)
            report_end(writer, part->file);
    }
}

struct file_writer *file_writer_open(struct extracting *extracting)
{
    struct file_writer *writer = calloc(1, sizeof(*writer));
    struct pool_work work = {worker_create, with_inflater_free, run_job, writer, collect_job};
    if (!writer)
        return NULL;
    writer->extracting = extracting;
    writer->job_blocks = JOB_BYTES / extracting->image->page_size;
    /* The thread that walks the tree opens directories meanwhile. */
    uint32_t left = open_files_left(MOST_OPEN);
    writer->most_open = left / 2 ? left / 2 : 1;
    writer->pool = pool_create(extracting->options->jobs, &work);
    if (writer->pool)
        writer->jobs = calloc((size_t)pool_depth(writer->pool) + 1, sizeof(*writer->jobs));
    if (!writer->jobs) {
        file_writer_close(writer);
        return NULL;
    }
    return writer;
}

void file_writer_close(struct file_writer *writer)
{
    if (!writer)
        return;
    pool_free(writer->pool);
    free(writer->jobs);
    free(writer);
}

static struct write_job *job_to_fill(struct file_writer *writer)
{
    return &writer->jobs[writer->submitted % (pool_depth(writer->pool) + 1)];
}

static void submit_job(struct file_writer *writer)
{
    if (!job_to_fill(writer)->parts_count)
        return;
    pool_put(writer->pool, job_to_fill(writer));
    writer->submitted++;
    job_to_fill(writer)->parts_count = 0;
    job_to_fill(writer)->blocks = 0;
}

static void add_part(struct file_writer *writer, struct open_file *file, uint32_t first_block,
                     uint32_t blocks, bool last)
{
    struct write_job *job = job_to_fill(writer);
    bool *damaged = job->damaged + job->blocks;
    memset(damaged, 0, blocks * sizeof(*damaged));
    job->parts[job->parts_count++] = (struct part){.file = file,
                                                   .first_block = first_block,
                                                   .blocks = blocks,
                                                   .damaged = damaged,
                                                   .last = last};
    job->blocks += blocks;
    if (job->parts_count == JOB_FILES || job->blocks == writer->job_blocks)
        submit_job(writer);
}

/* Waits until another file may be open. */
static struct open_file *take_slot(struct file_writer *writer)
{
    while (writer->added - writer->ended == writer->most_open)
        if (!pool_collect(writer->pool))
            submit_job(writer);
    return &writer->files[writer->added++ % writer->most_open];
}

void file_writer_add(struct file_writer *writer, uint32_t entry, int file, mode_t mode)
{
    const struct extracting *extracting = writer->extracting;
    struct open_file *slot = take_slot(writer);
    uint32_t blocks =
        cramfs_survey_has_blocks(extracting->survey, entry)
            ? cramfs_block_count(inode_of(writer, entry)->size, extracting->image->page_size)
            : 0;
    uint32_t parts = blocks ? (blocks - 1) / writer->job_blocks + 1 : 1;
    *slot = (struct open_file){.entry = entry, .file = file, .mode = mode, .parts_left = parts};
    if (job_to_fill(writer)->blocks + (uint64_t)blocks > writer->job_blocks)
        submit_job(writer);
    for (uint32_t i = 0; i < parts; i++) {
        uint32_t first = i * writer->job_blocks;
        bool last = i + 1 == parts;
        add_part(writer, slot, first, last ? blocks - first : writer->job_blocks, last);
    }
}

void file_writer_wait(struct file_writer *writer)
{
    if (!writer)
        return;
    submit_job(writer);
    while (pool_collect(writer->pool))
        ;
}
