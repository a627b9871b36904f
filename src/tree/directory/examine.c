#include "tree/directory/examine.h"

#include <stdlib.h>

#include "base/open_files.h"
#include "base/pool.h"
#include "tree/directory/attributes.h"

/*
 * A chunk takes some hundred microseconds: long compared with the cost of passing it to a thread.
 * Four threads keep a disk busy, and hold few files open. Meanwhile the first thread opens the next
 * directory.
 */
enum { READERS = 4, READER_FILES = 2, NEXT_FILES = 3, CHUNK_NAMES = 64 };

struct examined_chunk {
    int directory;
    bool by_name;
    const struct directory_name *names;
    size_t count;
    size_t taken;
    struct directory_facts facts[CHUNK_NAMES];
};

struct examiner {
    bool one_thread;
    bool by_name;          /* attributes_by_name() */
    struct pool *pool;     /* NULL until a directory has enough entries */
    struct examined *last; /* which can have names that are not passed on; or NULL */
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

void examiner_free(struct examiner *examiner)
{
    if (examiner)
        pool_free(examiner->pool);
    free(examiner);
}

static void free_chunk(struct examined_chunk *chunk)
{
    for (size_t i = 0; chunk && i < chunk->count; i++)
        free(chunk->facts[i].target.bytes);
    free(chunk);
}

static void read_chunk(void *worker, void *job)
{
    struct examined_chunk *chunk = job;
    (void)worker;
    for (size_t i = 0; i < chunk->count; i++)
        facts_read(chunk->directory, &chunk->names[i], chunk->by_name, &chunk->facts[i]);
}

/* Without threads, when files or memory run out, the facts are read nevertheless. */
static void start_threads(struct examiner *examiner)
{
    const struct pool_work work = {.run = read_chunk};
    unsigned files = open_files_left(READERS * READER_FILES + NEXT_FILES);
    unsigned readers = files > NEXT_FILES ? (files - NEXT_FILES) / READER_FILES : 0;
    if (readers > 1)
        examiner->pool = pool_create(readers, &work);
    examiner->one_thread = !examiner->pool;
}

/* Passes on names as long as the pool and memory have room. */
static void pass_on(struct examiner *examiner)
{
    struct examined *last = examiner->last;
    while (last && last->names_left && !pool_full(examiner->pool)) {
        struct examined_chunk *chunk = malloc(sizeof(*chunk));
        if (!chunk)
            return;
        chunk->directory = last->directory;
        chunk->by_name = examiner->by_name;
        chunk->names = last->names;
        chunk->count = last->names_left < CHUNK_NAMES ? last->names_left : CHUNK_NAMES;
        chunk->taken = 0;
        last->names += chunk->count;
        last->names_left -= chunk->count;
        last->chunks++;
        pool_submit(examiner->pool, chunk);
    }
}

void examined_begin(struct examiner *examiner, struct examined *examined, int directory,
                    const struct directory_names *names)
{
    *examined = (struct examined){
        .directory = directory, .names = names->list, .names_left = names->list_count};
    if (names->list_count <= CHUNK_NAMES)
        return;
    if (!examiner->pool && !examiner->one_thread)
        start_threads(examiner);
    if (!examiner->pool)
        return;
    examined->by_threads = true;
    examiner->last = examined;
    pass_on(examiner);
}

bool examined_is_passed_on(const struct examined *examined)
{
    return examined->by_threads && !examined->names_left;
}

static struct examined_chunk *take_chunk(struct examiner *examiner, struct examined *examined)
{
    examined->chunks--;
    return pool_take(examiner->pool);
}

struct directory_facts *examined_next(struct examiner *examiner, struct examined *examined)
{
    if (!examined->by_threads) {
        free(examined->facts.target.bytes);
        facts_read(examined->directory, examined->names++, examiner->by_name, &examined->facts);
        return &examined->facts;
    }
    if (!examined->current || examined->current->taken == examined->current->count) {
        free_chunk(examined->current);
        examined->current = NULL;
        pass_on(examiner);
        if (!examined->chunks)
            return NULL;
        examined->current = take_chunk(examiner, examined);
        pass_on(examiner);
    }
    return &examined->current->facts[examined->current->taken++];
}

void examined_end(struct examiner *examiner, struct examined *examined)
{
    free_chunk(examined->current);
    while (examined->chunks)
        free_chunk(take_chunk(examiner, examined));
    free(examined->facts.target.bytes);
    if (examiner->last == examined)
        examiner->last = NULL;
}
