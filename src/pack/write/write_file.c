#include "pack/write/write_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "cramfs/codec.h"
#include "format/bytes.h"
#include "pack/blocks/block_bytes.h"

/* Many times the cost of passing a job to a worker. The pieces of all jobs are in memory. */
enum { PIECE_BYTES = 256 << 10 };

struct writing {
    const struct image_parts *parts;
    int file;
    off_t at;      /* where the image begins in the file */
    bool write;    /* the pieces, not only find their CRC */
    bool in_order; /* from the first piece to the last, each once */
    /* Linux writes to a file for one thread at a time; the others would spin while they wait. */
    pthread_mutex_t *lock;
    int system_error;
};

struct writing_job {
    const struct writing *writing;
    uint64_t begin;
    size_t length;
    uint32_t crc; /* of its bytes from the superblock on */
    size_t crc_length;
    int error;
    int system_error;
    unsigned char bytes[PIECE_BYTES];
};

static void find_crc(struct writing_job *job)
{
    uint64_t super = job->writing->parts->options->boot_area ? CRAMFS_BOOT_SIZE : 0;
    size_t skipped = 0;
    if (job->begin < super)
        skipped = super - job->begin < job->length ? (size_t)(super - job->begin) : job->length;
    job->crc_length = job->length - skipped;
    job->crc = cramfs_crc32(0, job->bytes + skipped, job->crc_length);
}

static void write_piece(struct writing_job *job)
{
    const struct writing *writing = job->writing;
    cramfs_swap_copy(writing->parts->options->swap, job->bytes, job->bytes, job->length);
    pthread_mutex_lock(writing->lock);
    bool written = writing->in_order ? io_write(writing->file, job->bytes, job->length)
                                     : io_write_at(writing->file, job->bytes, job->length,
                                                   (uint64_t)writing->at + job->begin);
    job->system_error = written ? 0 : errno;
    pthread_mutex_unlock(writing->lock);
    job->error = written ? 0 : -CRAMFS_ERR_IO;
}

static void run_job(void *worker, void *argument)
{
    struct writing_job *job = argument;
    const struct writing *writing = job->writing;
    job->error = emit_piece_of_image(writing->parts, worker, job->begin, job->length, job->bytes);
    if (job->error)
        return;
    find_crc(job);
    if (writing->write && !writing->in_order)
        write_piece(job);
}

static void *create_worker(void *context)
{
    (void)context;
    return block_inflater_create();
}

static void free_worker(void *worker)
{
    block_inflater_free(worker);
}

/* Takes the oldest job from the pool, and returns its error. */
static int take_job(struct writing *writing, struct pool *pool, uint32_t *crc)
{
    struct writing_job *job = pool_take(pool);
    if (!job->error && writing->write && writing->in_order)
        write_piece(job);
    *crc = cramfs_crc32_combine(*crc, job->crc, job->crc_length);
    writing->system_error = job->system_error;
    return job->error;
}

static uint64_t count_pieces(const struct writing *writing)
{
    return (writing->parts->layout->image_size + PIECE_BYTES - 1) / PIECE_BYTES;
}

static int run_jobs(struct writing *writing, struct pool *pool, struct writing_job *jobs,
                    uint32_t *crc)
{
    uint64_t size = writing->parts->layout->image_size;
    unsigned depth = pool_depth(pool);
    uint64_t pieces = count_pieces(writing);
    uint64_t taken = 0;
    int error = 0;
    *crc = 0;
    for (uint64_t i = 0; !error && i < pieces; i++) {
        if (pool_full(pool)) {
            error = take_job(writing, pool, crc);
            taken++;
        }
        if (error)
            break;
        struct writing_job *job = &jobs[i % depth];
        uint64_t begin = i * PIECE_BYTES;
        job->writing = writing;
        job->begin = begin;
        job->length = size - begin < PIECE_BYTES ? (size_t)(size - begin) : PIECE_BYTES;
        job->system_error = 0;
        pool_submit(pool, job);
    }
    while (!error && taken++ < pieces)
        error = take_job(writing, pool, crc);
    return error;
}

/* Makes all pieces once; *crc is that of the image. */
static int make_pieces(struct writing *writing, uint32_t *crc)
{
    struct pool_work work = {create_worker, free_worker, run_job, writing};
    unsigned threads = writing->parts->options->jobs;
    uint64_t pieces = count_pieces(writing);
    struct pool *pool = pool_create(threads < pieces ? threads : (unsigned)pieces, &work);
    struct writing_job *jobs = pool ? malloc(pool_depth(pool) * sizeof(*jobs)) : NULL;
    int error = jobs ? run_jobs(writing, pool, jobs, crc) : -CRAMFS_ERR_MEMORY;
    if (pool)
        pool_free(pool); /* its workers use the jobs until they end */
    free(jobs);
    return error;
}

/* Puts the CRC into an image that has 0 there. */
static int put_crc(struct writing *writing, uint32_t crc)
{
    const struct cramfs_plan_options *options = writing->parts->options;
    uint64_t super = options->boot_area ? CRAMFS_BOOT_SIZE : 0;
    unsigned char bytes[sizeof(crc)];
    store32(options->order, bytes, crc);
    cramfs_swap_copy(options->swap, bytes, bytes, sizeof(bytes));
    if (io_write_at(writing->file, bytes, sizeof(bytes),
                    (uint64_t)writing->at + super + CRAMFS_SUPER_CRC_OFFSET) &&
        lseek(writing->file, writing->at + (off_t)writing->parts->layout->image_size, SEEK_SET) >=
            0)
        return 0;
    writing->system_error = errno;
    return -CRAMFS_ERR_IO;
}

/*
 * Whether bytes can be written in any order, and the CRC twice. Not to a pipe, nor to a character
 * device: NOR flash cannot turn the 0 of a CRC into anything else.
 */
static bool any_order(const struct writing *writing)
{
    struct stat status;
    return writing->at >= 0 && fstat(writing->file, &status) == 0 &&
           (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)) &&
           !(fcntl(writing->file, F_GETFL) & O_APPEND);
}

int write_image_file(const struct image_parts *given, int file, int *system_error)
{
    struct image_parts parts = *given;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct writing writing = {.parts = &parts, .file = file, .lock = &lock};
    uint32_t crc;
    parts.super.crc = 0;
    writing.at = lseek(file, 0, SEEK_CUR);
    writing.in_order = !any_order(&writing);
    writing.write = !writing.in_order;
    int error = make_pieces(&writing, &crc);
    if (!error && !writing.in_order)
        error = put_crc(&writing, crc);
    if (!error && writing.in_order) {
        parts.super.crc = crc;
        writing.write = true;
        error = make_pieces(&writing, &crc);
    }
    pthread_mutex_destroy(&lock);
    *system_error = writing.system_error;
    return error;
}
