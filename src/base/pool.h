/*
 * A worker pool with results in the order of submission.
 *
 * Jobs are taken by any worker and handed back by pool_take() in the order in which they were
 * submitted, so what is made of the results does not depend on the number of threads. With one
 * thread no thread is started: pool_submit() does the work itself, and all else is the same.
 *
 * One thread submits and takes. A job's memory is the caller's.
 */
#ifndef CRAMFS_BASE_POOL_H
#define CRAMFS_BASE_POOL_H

#include <stdbool.h>

struct pool;

struct pool_work {
    /* Makes what one worker keeps for itself (a deflater); NULL means memory ran out. */
    void *(*worker_create)(void *context);
    void (*worker_free)(void *worker);
    /* Does one job; called on one worker's thread at a time with that worker's own state. */
    void (*run)(void *worker, void *job);
    void *context;
};

/* `threads` workers (0 counts as 1). NULL when memory or threads run out. */
struct pool *pool_create(unsigned threads, const struct pool_work *work);

/* As many threads as the machine has processors for this process. */
unsigned pool_default_threads(void);

/* How many jobs it holds when it is full. */
unsigned pool_depth(const struct pool *pool);

/* Whether pool_submit() would have to wait; then pool_take() first. */
bool pool_full(const struct pool *pool);

/* Queues a job. Only when not full. */
void pool_submit(struct pool *pool, void *job);

/* Waits for the oldest job not yet taken; NULL when there is none. */
void *pool_take(struct pool *pool);

/* Waits for the workers to finish what they hold; jobs not taken are the caller's to free. */
void pool_free(struct pool *pool);

#endif
