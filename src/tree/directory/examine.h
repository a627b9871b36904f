/*
 * Reads the facts of a directory's entries ahead, with several threads.
 *
 * The facts come back in the order of the names, whatever thread reads them. A directory with few
 * entries is read by the calling thread: passing them on would take longer.
 */
#ifndef CRAMFS_TREE_DIRECTORY_EXAMINE_H
#define CRAMFS_TREE_DIRECTORY_EXAMINE_H

#include "tree/directory/facts.h"

/* The threads, which all directories of a source share. */
struct examiner;

/* With one job, no thread is started. NULL when memory runs out. */
struct examiner *examiner_create(unsigned jobs);
void examiner_free(struct examiner *examiner);

/* The entries of one directory; its members are examine.c's own. */
struct examined {
    int directory;
    const struct directory_name *names; /* that are not passed on yet */
    size_t names_left;
    bool by_threads;
    size_t chunks; /* of names that are passed on and not taken */
    struct examined_chunk *current;
    struct directory_facts facts; /* of one entry, without threads */
};

/*
 * Begins with the names of an open directory; both stay until examined_end() is called. Another
 * directory can begin when examined_is_passed_on(), and then its facts are taken after all of this
 * one's.
 */
void examined_begin(struct examiner *examiner, struct examined *examined, int directory,
                    const struct directory_names *names);

/* Whether the threads have got all names; false without threads. */
bool examined_is_passed_on(const struct examined *examined);

/*
 * Gives the facts of the next name, until the next call; called at most once for each name. NULL
 * when memory runs out, after which only examined_end() is called.
 */
struct directory_facts *examined_next(struct examiner *examiner, struct examined *examined);

/* Waits for the threads, so that the directory can be closed. */
void examined_end(struct examiner *examiner, struct examined *examined);

#endif
