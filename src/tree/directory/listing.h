/* A directory that is open, with its names in order; the facts of its entries are being read. */
#ifndef CRAMFS_TREE_DIRECTORY_LISTING_H
#define CRAMFS_TREE_DIRECTORY_LISTING_H

#include <dirent.h>

#include "tree/directory/walking.h"

struct listing {
    uint32_t place;
    DIR *stream;
    struct directory_names names; /* without those that are left out */
    struct examined examined;
};

/* What failed. */
enum listing_step { LISTING_OPEN, LISTING_STREAM, LISTING_NAMES, LISTING_MEMORY };

/*
 * Lists a directory. Returns NULL when that fails, with *step, and errno unless memory ran out;
 * nothing is reported.
 */
struct listing *listing_begin(const struct directory_walking *walking, const struct found *found,
                              enum listing_step *step);

/* Whether an entry may be a directory. */
bool listing_has_directories(const struct listing *listing);

/* Waits for the threads that read its entries, and closes it. */
void listing_end(const struct directory_walking *walking, struct listing *listing);

#endif
