/*
 * Reads the facts of a directory's entries ahead, with several threads.
 *
 * The facts come back in the order of the names, whatever thread reads them. A directory with few
 * entries is read by the calling thread: passing them on would take longer.
 */
#ifndef CRAMFS_TREE_DIRECTORY_EXAMINE_H
#define CRAMFS_TREE_DIRECTORY_EXAMINE_H

#include "tree/directory/facts.h"

struct examiner;

/* With one job, no thread is started. NULL when memory runs out. */
struct examiner *examiner_create(unsigned jobs);
void examiner_free(struct examiner *examiner);

/*
 * Begins with the names of an open directory; both stay until examiner_stop() is called. Returns 0,
 * or -CRAMFS_ERR_MEMORY when memory or threads run out.
 */
int examiner_begin(struct examiner *examiner, int directory, const struct directory_names *names);

/*
 * Gives the facts of the next name, until the next call; called at most once for each name. NULL
 * when memory runs out, after which there are no more calls.
 */
struct directory_facts *examiner_next(struct examiner *examiner);

/* Waits for the threads, so that the directory can be closed. */
void examiner_stop(struct examiner *examiner);

#endif
