/*
 * The profile, file by file.
 */
#ifndef RESIDENT_PAGES_PROFILE_H
#define RESIDENT_PAGES_PROFILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "inodes.h"
#include "processes.h"

struct profile {
    size_t page_size;
    struct inodes inodes;
    struct processes processes;
    uint64_t files;    /* looked at */
    uint64_t resident; /* pages, printed */
    uint64_t *pages;   /* in RAM, of the current file */
    size_t pages_count;
    size_t pages_capacity;
};

/* Prints the header. */
void profile_begin(void);

/*
 * Prints the rows of an open file, unless they were printed for another name of it. Returns NULL,
 * or a text that says what failed.
 */
const char *profile_add(struct profile *profile, const char *path, int file,
                        const struct stat *status);

void profile_free(struct profile *profile);

#endif
