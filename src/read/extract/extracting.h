/* The parts of an extraction: extract.c walks the tree, make.c makes the files. */
#ifndef CRAMFS_READ_EXTRACT_EXTRACTING_H
#define CRAMFS_READ_EXTRACT_EXTRACTING_H

#include <sys/types.h>

#include "cramfs/extract.h"

struct file_writer;

/* A directory on the way down. Its identity is kept, and compared on the way back up. */
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
    struct cramfs_inflater *inflater;       /* for targets of links */
    const struct cramfs_inflated *inflated; /* of this survey, or NULL */
    struct file_writer *writer;
    bool *skipped; /* by entry: not chosen, not extracted, or below a skipped one */
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

/*
 * A hostile image can have 100,000 names that no file can have: some are reported, the rest
 * counted.
 */
enum { MOST_TOLD = 20 };

/*
 * Reports the failure of one entry; extraction goes on. Its result is the first error of the
 * system or of memory, or an error of the image if there was none of these.
 */
void report_failure(struct extracting *extracting, enum cramfs_error code, uint32_t number,
                    const char *what, const char *why);

/* Makes an open directory the innermost level. If that fails, closes the directory. */
bool push_level(struct extracting *extracting, uint32_t number, int directory);

/* Makes the file, link, special file or directory of an entry in the innermost level. */
void make_entry(struct extracting *extracting, uint32_t number);

/* Sets owner and permissions of an open directory. */
void set_status(struct extracting *extracting, int directory, uint32_t number);

#endif
