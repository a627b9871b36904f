/*
 * The parts of an extraction: extract.c goes through the tree, make.c makes what it finds.
 */
#ifndef CRAMFS_READ_EXTRACT_EXTRACTING_H
#define CRAMFS_READ_EXTRACT_EXTRACTING_H

#include <sys/types.h>

#include "cramfs/extract.h"

/* A directory on the way down. Its identity is kept, to be sure of it on the way back up. */
struct extract_level {
    uint32_t entry;
    dev_t device;
    ino_t inode;
};

struct extracting {
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    const struct cramfs_extract_options *options;
    struct cramfs_diags *diags;
    struct cramfs_inflater *inflater;
    unsigned char *page;
    bool *skipped; /* by entry: not wanted, or a directory that was not made, or in such a one */
    struct extract_level *levels;
    size_t levels_count;
    size_t levels_capacity;
    int directory; /* open: the innermost level */
    uint64_t failures;
    uint64_t devices_left;
    uint64_t set_ids_left;
    uint64_t owners_left;
    int result;
};

/* A hostile image can have 100,000 names that no file can have: some are reported, and a count. */
enum { MOST_TOLD = 20 };

/* Notes a failure of one entry; the others go on. One of the system's counts more than the image's.
 */
void fail(struct extracting *extracting, enum cramfs_error code, uint32_t number, const char *what,
          const char *why);

/* The same with the system's reason, errno. */
void fail_system(struct extracting *extracting, uint32_t number, const char *what);

/* Steps into a directory that is open. It is closed when that fails. */
bool push_level(struct extracting *extracting, uint32_t number, int directory);

/* Makes the file, link, node or directory of an entry in the innermost level. */
void make_entry(struct extracting *extracting, uint32_t number);

/* Sets owner and permissions of what is open. */
void set_status(struct extracting *extracting, int file, uint32_t number);

#endif
