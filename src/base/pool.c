#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

/*
 * Jobs under way per worker: one being done, and enough waiting ones that no worker idles after a
 * slow job.
 */
enum { DEPTH_PER_THREAD = 8 };

/*
 * The default of glibc is 8 MiB of address space for each thread: too much for 64 of them on a
 * 32-bit host, or under `ulimit -v`. No job recurses or has large arrays on the stack; musl gives a
 * thread 128 KiB.
 */
enum { STACK_SIZE = 256 << 10 };

struct pool_entry {
    void *job;
    bool done;
};

struct pool {
    struct pool_work work;
    unsigned threads;
    unsigned started;
    pthread_t *thread_list;
    void **workers;
    pthread_mutex_t lock;
    pthread_cond_t submitted;
    pthread_cond_t finished;
    bool stopping;
    /* A ring: [taken, begun) begun or done, [begun, submitted_count) waiting. */
    struct pool_entry *ring;
    unsigned ring_size;
    unsigned long taken;
    unsigned long begun;
    unsigned long submitted_count;
};

struct thread_start {
    struct pool *pool;
    void *worker;
};

static struct pool_entry *entry_at(const struct pool *pool, unsigned long index)
{
    return &pool->ring[index % pool->ring_size];
}

static void *thread_main(void *argument)
{
    struct thread_start start = *(struct thread_start *)argument;
    free(argument);
    struct pool *pool = start.pool;

    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->stopping && pool->begun == pool->submitted_count)
            pthread_cond_wait(&pool->submitted, &pool->lock);
        if (pool->stopping)
            break;
        struct pool_entry *entry = entry_at(pool, pool->begun++);
        pthread_mutex_unlock(&pool->lock);
        pool->work.run(start.worker, entry->job);
        pthread_mutex_lock(&pool->lock);
        entry->done = true;
        pthread_cond_signal(&pool->finished);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Creates the state of as many workers as there is memory for. */
static bool create_workers(struct pool *pool)
{
    unsigned made = 0;
    if (!pool->work.worker_create)
        return true;
    while (made < pool->threads &&
           (pool->workers[made] = pool->work.worker_create(pool->work.context)) != NULL)
        made++;
    pool->threads = made;
    return made;
}

static bool start_thread(struct pool *pool, const pthread_attr_t *attributes)
{
    struct thread_start *start = malloc(sizeof(*start));
    if (!start)
        return false;
    *start = (struct thread_start){pool, pool->workers[pool->started]};
    if (pthread_create(&pool->thread_list[pool->started], attributes, thread_main, start) != 0) {
        free(start);
        return false;
    }
    pool->started++;
    return true;
}

/* Starts as many threads as the system permits: with fewer, or none, the results are the same. */
static void start_threads(struct pool *pool)
{
    pthread_attr_t attributes;
    if (pool->threads == 1 || pthread_attr_init(&attributes) != 0)
        return;
    if (pthread_attr_setstacksize(&attributes, STACK_SIZE) == 0) {
        while (pool->started < pool->threads && start_thread(pool, &attributes))
            ;
    }
    pthread_attr_destroy(&attributes);
}

struct pool *pool_create(unsigned threads, const struct pool_work *work)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    if (!pool)
        return NULL;
    pool->work = *work;
    pool->threads = threads ? threads : 1;
    /* Without threads a job is done when it is submitted. */
    pool->ring_size = pool->threads == 1 ? 1 : pool->threads * DEPTH_PER_THREAD;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->submitted, NULL);
    pthread_cond_init(&pool->finished, NULL);
    pool->ring = calloc(pool->ring_size, sizeof(*pool->ring));
    pool->thread_list = calloc(pool->threads, sizeof(*pool->thread_list));
    pool->workers = calloc(pool->threads, sizeof(*pool->workers));
    if (!pool->ring || !pool->thread_list || !pool->workers || !create_workers(pool)) {
        pool_free(pool);
        return NULL;
    }
    start_threads(pool);
    return pool;
}

unsigned pool_default_threads(void)
{
    /* The affinity mask, not the machine: a container may have fewer processors. */
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof(processors), &processors) != 0)
        return 1;
    int count = CPU_COUNT(&processors);
    return count > 0 ? (unsigned)count : 1;
}

unsigned pool_depth(const struct pool *pool)
{
    return pool->ring_size;
}

bool pool_full(const struct pool *pool)
{
    return pool->submitted_count - pool->taken == pool->ring_size;
}

void pool_submit(struct pool *pool, void *job)
{
    struct pool_entry *entry = entry_at(pool, pool->submitted_count);
    *entry = (struct pool_entry){.job = job};
    if (!pool->started) {
        pool->work.run(pool->workers[0], job);
        entry->done = true;
        pool->submitted_count++;
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->submitted_count++;
    pthread_cond_signal(&pool->submitted);
    pthread_mutex_unlock(&pool->lock);
}

void *pool_take(struct pool *pool)
{
    if (pool->taken == pool->submitted_count)
        return NULL;
    struct pool_entry *entry = entry_at(pool, pool->taken);
    pthread_mutex_lock(&pool->lock);
    while (!entry->done)
        pthread_cond_wait(&pool->finished, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    pool->taken++;
    return entry->job;
}

bool pool_collect(struct pool *pool)
{
    void *job = pool_take(pool);
    if (job)
        pool->work.collect(pool->work.context, job);
    return job;
}

void pool_put(struct pool *pool, void *job)
{
    if (pool_full(pool))
        pool_collect(pool);
    pool_submit(pool, job);
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->submitted);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->started; i++)
        pthread_join(pool->thread_list[i], NULL);
    for (unsigned i = 0; pool->workers && i < pool->threads; i++) {
        if (pool->workers[i])
            pool->work.worker_free(pool->workers[i]);
    }
    pthread_cond_destroy(&pool->finished);
    pthread_cond_destroy(&pool->submitted);
    pthread_mutex_destroy(&pool->lock);
    free(pool->workers);
    free(pool->thread_list);
    free(pool->ring);
    free(pool);
}
