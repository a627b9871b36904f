/*
 * The owners of the bytes that make a range of erase blocks differ.
 *
 * Every byte has one owner (cramfs/usage.h). The pieces of both images are visited once, in step
 * with the ranges, so the work depends only on the size of the images.
 */
#ifndef CRAMFS_REPORT_UPDATE_CAUSES_H
#define CRAMFS_REPORT_UPDATE_CAUSES_H

#include "report/update/ranges.h"

enum cause_kind {
    CAUSE_BOOT,
    CAUSE_SUPER,
    CAUSE_ENTRIES, /* of a directory */
    CAUSE_TABLE,   /* of a file or link */
    CAUSE_FILE,    /* the bytes of its blocks */
    CAUSE_PADDING, /* bytes that nothing uses */
};

struct cause {
    enum cause_kind kind;
    int side; /* the image that `entry` is of: the old one when the new one has no such path */
    uint32_t entry; /* the root for what belongs to no entry */
};

struct causes {
    const struct cramfs_diff *diff;
    struct cramfs_usage usages[2];
    size_t at[2]; /* the current piece of each image */
    struct cause *list;
    size_t list_count;
    size_t list_capacity;
};

/* Returns 0 or -CRAMFS_ERR_MEMORY; free in any case. */
int causes_create(const struct cramfs_diff *diff, struct causes *causes);
void causes_free(struct causes *causes);

/*
 * Fills in the list for one range, each cause once: first the causes without a path, then those
 * with one, by path. Ranges come in the order of offsets. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int causes_find(struct causes *causes, const struct range *range);

/* "boot", "superblock", "entries", "table", "file", "padding". */
const char *cause_name(enum cause_kind kind);

/* Whether its entry says more than its kind. */
bool cause_has_path(const struct cause *cause);

#endif
