/*
 * A worker pool with results in the order of submission.
 *
 * Any worker may do a job, but pool_take() returns jobs in the order in which they were submitted,
 * so the results do not depend on the number of threads. With one worker no thread is started:
 * pool_submit() does the work itself; nothing else changes. If there is no memory for all workers,
 * or the system refuses a thread, the pool works with those that it has.
 *
 * One thread submits and takes. A job's memory is the caller's.
 */
#ifndef CRAMFS_BASE_POOL_H
#define CRAMFS_BASE_POOL_H

#include <stdbool.h>

struct pool;

struct pool_work {
    /*
     * Makes the state of one worker (a deflater); NULL means memory ran out. Without these two
     * functions workers have no state, and run() gets NULL.
     */
    void *(*worker_create)(void *context);
    void (*worker_free)(void *worker);
    /* Does one job; each worker's thread calls it with that worker's own state. */
    void (*run)(void *worker, void *job);
    void *context;
    /* Takes the result of a job, in the thread that submits. Only pool_collect() calls it. */
    void (*collect)(void *context, void *job);
};

/* Up to `threads` workers (0 counts as 1). NULL when there is no memory for one. */
struct pool *pool_create(unsigned threads, const struct pool_work *work);

/* As many threads as the machine has processors for this process. */
unsigned pool_default_threads(void);

/* How many jobs fill the pool. */
unsigned pool_depth(const struct pool *pool);

/* Whether pool_submit() would have to wait; then call pool_take() first. */
bool pool_full(const struct pool *pool);

/* Queues a job. The pool must not be full. */
void pool_submit(struct pool *pool, void *job);

/* Waits for the oldest job that was not taken yet; NULL when there is none. */
void *pool_take(struct pool *pool);

/* Takes the oldest job, and gives it to work.collect(). Returns false when there is none. */
bool pool_collect(struct pool *pool);

/* pool_submit(), with room made by pool_collect(). */
void pool_put(struct pool *pool, void *job);

/* Waits for the workers to finish their jobs; jobs that were not taken are the caller's to free. */
void pool_free(struct pool *pool);

#endif
