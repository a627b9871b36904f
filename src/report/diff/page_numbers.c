#include "report/diff/page_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/pool.h"

#define UNKNOWN UINT32_MAX

/* Pairs in a job: some hundred microseconds of inflating. */
enum { JOB_LOOKS = 64 };

struct look_job {
    const struct look_images *images;
    int count;
    struct look looks[JOB_LOOKS];
};

struct page_numbers {
    const struct look_images *images;
    struct looker *looker; /* of the first thread */
    struct page_place *places;
    size_t places_count;
    size_t places_capacity;
    struct hash_index by_place;    /* places, by where they are */
    struct hash_index by_checksum; /* the first place of each checksum */
    struct hash_index by_bytes;    /* the hashed first place of each number, by what it holds */
    uint32_t next;
    unsigned jobs;
    struct pool *pool;    /* NULL: no worker looks at pages */
    struct look_job *job; /* being filled */
    int error;            /* of a job that was collected */
};

struct page_numbers *page_numbers_create(const struct look_images *images, unsigned jobs)
{
    struct page_numbers *pages = calloc(1, sizeof(*pages));
    if (!pages)
        return NULL;
    pages->images = images;
    pages->jobs = jobs;
    pages->next = FIRST_PAGE;
    pages->looker = looker_create();
    if (pages->looker)
        return pages;
    free(pages);
    return NULL;
}

void page_numbers_free(struct page_numbers *pages)
{
    if (!pages)
        return;
    page_numbers_wait(pages);
    looker_free(pages->looker);
    free(pages->places);
    hash_index_free(&pages->by_place);
    hash_index_free(&pages->by_checksum);
    hash_index_free(&pages->by_bytes);
    free(pages);
}

static bool same_place(const struct page_place *a, const struct page_place *b)
{
    return a->offset == b->offset && a->length == b->length && a->file_bytes == b->file_bytes &&
           a->side == b->side && a->kind == b->kind && a->chunk == b->chunk;
}

struct wanted_place {
    const struct page_numbers *pages;
    const struct page_place *place;
};

static bool is_place(void *context, uint32_t index)
{
    const struct wanted_place *wanted = context;
    return same_place(&wanted->pages->places[index], wanted->place);
}

/* Finds the place, or adds it without a number. */
static int find_place(struct page_numbers *pages, const struct page_place *place, uint32_t *index)
{
    uint64_t hash = hash_mix(hash_mix((uint64_t)place->side << 8 | place->chunk, place->offset),
                             (uint64_t)place->length << 32 | place->file_bytes);
    struct wanted_place wanted = {pages, place};
    if (hash_index_find(&pages->by_place, hash, is_place, &wanted, index))
        return 0;
    if (!ARRAY_GROW(pages, places))
        return -CRAMFS_ERR_MEMORY;
    *index = (uint32_t)pages->places_count;
    pages->places[*index] = *place;
    int error = hash_index_add(&pages->by_place, hash, *index);
    pages->places_count += !error;
    return error;
}

struct wanted_bytes {
    struct page_numbers *pages;
    const struct page_place *place;
    const unsigned char *bytes; /* NULL: not read yet */
    int error;                  /* of reading, which ends the search */
};

static bool has_bytes(void *context, uint32_t index)
{
    struct wanted_bytes *wanted = context;
    const struct look_images *images = wanted->pages->images;
    const struct page_place *twin = &wanted->pages->places[index];
    uint32_t size = place_size(images, twin);
    const unsigned char *others;
    if (size != place_size(images, wanted->place))
        return false;
    if (deflated_alike(images, twin, wanted->place))
        return true;
    if (!wanted->bytes)
        wanted->error = place_read(images, wanted->pages->looker, 0, wanted->place, &wanted->bytes);
    if (!wanted->error)
        wanted->error = place_read(images, wanted->pages->looker, 1, twin, &others);
    return wanted->error || memcmp(wanted->bytes, others, size) == 0;
}

/* The number of an earlier hashed place that holds the same bytes, or the next number. */
static int number_hashed(struct page_numbers *pages, uint32_t index, uint64_t hash)
{
    struct page_place *place = &pages->places[index];
    struct wanted_bytes wanted = {.pages = pages, .place = place};
    uint32_t twin;
    if (hash_index_find(&pages->by_bytes, hash, has_bytes, &wanted, &twin)) {
        place->number = pages->places[twin].number;
        return wanted.error;
    }
    if (place->number == UNKNOWN)
        place->number = pages->next++;
    place->hashed = true;
    return hash_index_add(&pages->by_bytes, hash, index);
}

static int hash_place(struct page_numbers *pages, uint32_t index, uint64_t *hash)
{
    const struct page_place *place = &pages->places[index];
    const unsigned char *bytes;
    int error = place_read(pages->images, pages->looker, 0, place, &bytes);
    if (!error)
        *hash = place_hash(pages->images, place, bytes);
    return error;
}

static bool any(void *context, uint32_t index)
{
    (void)context;
    (void)index;
    return true;
}

/*
 * The number of an earlier place that holds the same bytes, or the next number. A place is hashed
 * only if another has its checksum.
 */
static int number_bytes(struct page_numbers *pages, const struct look_place *at)
{
    uint32_t first;
    uint64_t hash = at->hash;
    int error = 0;
    if (!hash_index_find(&pages->by_checksum, at->checksum, any, NULL, &first)) {
        error = hash_index_add(&pages->by_checksum, at->checksum, at->index);
        if (!at->hashed && !error)
            pages->places[at->index].number = pages->next++;
        return error || !at->hashed ? error : number_hashed(pages, at->index, hash);
    }
    if (!pages->places[first].hashed) {
        uint64_t first_hash;
        error = hash_place(pages, first, &first_hash);
        if (!error)
            error = number_hashed(pages, first, first_hash);
    }
    if (!error && !at->hashed)
        error = hash_place(pages, at->index, &hash);
    return error ? error : number_hashed(pages, at->index, hash);
}

/* Numbers the places that have no number yet. */
static int number_look(struct page_numbers *pages, const struct look *look)
{
    int error = look->error;
    for (int i = 0; !error && i < look->count; i++) {
        const struct look_place *at = &look->places[i];
        uint32_t *number = &pages->places[at->index].number;
        uint32_t partner = look->equal ? pages->places[look->places[1 - i].index].number : UNKNOWN;
        if (!at->fresh)
            continue;
        if (at->result != LOOK_BYTES)
            *number = at->result == LOOK_ZEROES ? PAGE_ZEROES : PAGE_UNREADABLE;
        else if (partner != UNKNOWN)
            *number = partner;
        else
            error = number_bytes(pages, at);
    }
    return error;
}

/* The number of a block without bytes; FIRST_PAGE for any other block. */
static uint32_t known_number(const struct cramfs_block *block)
{
    return block->fault                       ? PAGE_UNREADABLE
           : block->kind == CRAMFS_BLOCK_HOLE ? PAGE_ZEROES
                                              : FIRST_PAGE;
}

static int add_place(struct page_numbers *pages, struct look *look, int side,
                     const struct cramfs_block *block, uint32_t chunk)
{
    struct look_place *at = &look->places[look->count++];
    at->place = (struct page_place){
        .offset = block->offset,
        .length = (uint32_t)block->length,
        .file_bytes = block->file_bytes,
        .number = UNKNOWN,
        .side = (uint8_t)side,
        .kind = (uint8_t)block->kind,
        .chunk = (uint8_t)chunk,
    };
    size_t known = pages->places_count;
    int error = find_place(pages, &at->place, &at->index);
    at->fresh = pages->places_count > known;
    return error;
}

static void *worker_create(void *context)
{
    (void)context;
    return looker_create();
}

static void worker_free(void *worker)
{
    looker_free(worker);
}

static void run_job(void *worker, void *argument)
{
    struct look_job *job = argument;
    for (int i = 0; i < job->count; i++)
        look(job->images, worker, &job->looks[i]);
}

static void collect_job(void *context, void *argument)
{
    struct page_numbers *pages = context;
    struct look_job *job = argument;
    for (int i = 0; !pages->error && i < job->count; i++)
        pages->error = number_look(pages, &job->looks[i]);
    free(job);
}

/* The job that is being filled; NULL when memory runs out. */
static struct look_job *current_job(struct page_numbers *pages)
{
    struct pool_work work = {worker_create, worker_free, run_job, pages, collect_job};
    if (!pages->pool)
        pages->pool = pool_create(pages->jobs, &work);
    if (!pages->pool)
        return NULL;
    if (!pages->job) {
        pages->job = malloc(sizeof(*pages->job));
        if (pages->job) {
            pages->job->images = pages->images;
            pages->job->count = 0;
        }
    }
    return pages->job;
}

int page_numbers_look(struct page_numbers *pages, const struct cramfs_block *const blocks[2],
                      const uint32_t chunks[2], uint32_t found[2])
{
    struct look_job *job = current_job(pages);
    if (!job)
        return -CRAMFS_ERR_MEMORY;
    struct look *look = &job->looks[job->count];
    bool fresh = false;
    look->count = 0;
    for (int side = 0; side < 2; side++) {
        if (!blocks[side])
            continue;
        found[side] = known_number(blocks[side]);
        if (found[side] != FIRST_PAGE)
            continue;
        int error = add_place(pages, look, side, blocks[side], chunks[side]);
        if (error)
            return error;
        found[side] += look->places[look->count - 1].index;
        fresh |= look->places[look->count - 1].fresh;
    }
    job->count += fresh;
    if (job->count == JOB_LOOKS) {
        pages->job = NULL;
        pool_put(pages->pool, job);
    }
    return pages->error;
}

uint32_t page_number_at(const struct page_numbers *pages, uint32_t found)
{
    return found < FIRST_PAGE ? found : pages->places[found - FIRST_PAGE].number;
}

int page_numbers_wait(struct page_numbers *pages)
{
    if (pages->job)
        pool_put(pages->pool, pages->job);
    pages->job = NULL;
    while (pages->pool && pool_collect(pages->pool))
        ;
    pool_free(pages->pool);
    pages->pool = NULL;
    return pages->error;
}

int page_number(struct page_numbers *pages, int side, const struct cramfs_block *block,
                uint32_t chunk, uint32_t *number)
{
    *number = known_number(block);
    if (*number != FIRST_PAGE)
        return 0;
    struct look one = {.count = 0};
    int error = add_place(pages, &one, side, block, chunk);
    if (!error && one.places[0].fresh) {
        look(pages->images, pages->looker, &one);
        error = number_look(pages, &one);
    }
    if (!error)
        *number = pages->places[one.places[0].index].number;
    return error;
}
