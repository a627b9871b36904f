#include "tree/directory/examine.h"

#include <stdlib.h>

#include "base/open_files.h"
#include "base/pool.h"
#include "tree/directory/attributes.h"

/*
 * A chunk takes some hundred microseconds: long compared with the cost of passing it to a thread.
 * Four threads keep a disk busy, and hold few files open.
 */
enum { READERS = 4, READER_FILES = 2, CHUNK_NAMES = 64 };

struct chunk {
    int directory;
    bool by_name;
    const struct directory_name *names;
    size_t count;
    size_t taken;
    struct directory_facts facts[CHUNK_NAMES];
};

struct examiner {
    bool one_thread;
    bool by_name;      /* attributes_by_name() */
    struct pool *pool; /* NULL until a directory has enough entries */
    int directory;
    const struct directory_name *names; /* those that no thread has got yet */
    size_t names_count;
    struct chunk *current;        /* NULL for a directory with few entries */
    struct directory_facts facts; /* then, of its entry */
};

struct examiner *examiner_create(unsigned jobs)
{
    struct examiner *examiner = calloc(1, sizeof(*examiner));
    if (!examiner)
        return NULL;
    examiner->one_thread = jobs < 2;
    examiner->by_name = attributes_by_name();
    return examiner;
}

static void free_chunk(struct chunk *chunk)
{
    for (size_t i = 0; chunk && i < chunk->count; i++)
        free(chunk->facts[i].target.bytes);
    free(chunk);
}

void examiner_stop(struct examiner *examiner)
{
    free_chunk(examiner->current);
    examiner->current = NULL;
    for (struct chunk *chunk; examiner->pool && (chunk = pool_take(examiner->pool));)
        free_chunk(chunk);
    free(examiner->facts.target.bytes);
    examiner->facts.target.bytes = NULL;
    examiner->names_count = 0;
}

void examiner_free(struct examiner *examiner)
{
    if (!examiner)
        return;
    examiner_stop(examiner);
    pool_free(examiner->pool);
    free(examiner);
}

static void *worker_create(void *context)
{
    return context; /* a worker needs nothing of its own */
}

static void worker_free(void *worker)
{
    (void)worker;
}

static void read_chunk(void *worker, void *job)
{
    struct chunk *chunk = job;
    (void)worker;
    for (size_t i = 0; i < chunk->count; i++)
        facts_read(chunk->directory, &chunk->names[i], chunk->by_name, &chunk->facts[i]);
}

/* Submits chunks as long as the pool has room. */
static bool submit_chunks(struct examiner *examiner)
{
    while (examiner->names_count && !pool_full(examiner->pool)) {
        struct chunk *chunk = malloc(sizeof(*chunk));
        if (!chunk)
            return false;
        chunk->directory = examiner->directory;
        chunk->by_name = examiner->by_name;
        chunk->names = examiner->names;
        chunk->count = examiner->names_count < CHUNK_NAMES ? examiner->names_count : CHUNK_NAMES;
        chunk->taken = 0;
        examiner->names += chunk->count;
        examiner->names_count -= chunk->count;
        pool_submit(examiner->pool, chunk);
    }
    return true;
}

/* Makes the oldest chunk the current one. */
static bool take_chunk(struct examiner *examiner)
{
    free_chunk(examiner->current);
    examiner->current = pool_take(examiner->pool);
    return examiner->current && submit_chunks(examiner);
}

static int start_pool(struct examiner *examiner)
{
    const struct pool_work work = {worker_create, worker_free, read_chunk, examiner, NULL};
    unsigned readers = open_files_left(READERS * READER_FILES) / READER_FILES;
    examiner->one_thread = readers < 2;
    if (examiner->one_thread)
        return 0;
    examiner->pool = pool_create(readers, &work);
    return examiner->pool ? 0 : -CRAMFS_ERR_MEMORY;
}

int examiner_begin(struct examiner *examiner, int directory, const struct directory_names *names)
{
    examiner_stop(examiner);
    examiner->directory = directory;
    examiner->names = names->list;
    examiner->names_count = names->list_count;
    if (names->list_count <= CHUNK_NAMES)
        return 0;
    if (!examiner->pool && !examiner->one_thread && start_pool(examiner) != 0)
        return -CRAMFS_ERR_MEMORY;
    if (examiner->pool && (!submit_chunks(examiner) || !take_chunk(examiner)))
        return -CRAMFS_ERR_MEMORY;
    return 0;
}

struct directory_facts *examiner_next(struct examiner *examiner)
{
    struct chunk *chunk = examiner->current;
    if (!chunk) {
        free(examiner->facts.target.bytes);
        facts_read(examiner->directory, examiner->names++, examiner->by_name, &examiner->facts);
        return &examiner->facts;
    }
    if (chunk->taken == chunk->count && !take_chunk(examiner))
        return NULL;
    return &examiner->current->facts[examiner->current->taken++];
}
