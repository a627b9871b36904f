/*
 * An image's usage summed up three ways, each from most to least. Each sums to the image's size:
 * of directories the `own` bytes do.
 */
#ifndef CRAMFS_REPORT_USAGE_DU_H
#define CRAMFS_REPORT_USAGE_DU_H

#include "cramfs/usage.h"

enum { DU_TYPES = 10 };

struct du_sum {
    const char *name; /* of a kind or type */
    uint32_t entry;   /* of a directory */
    uint64_t bytes;   /* of a directory with all that is below it */
    uint64_t own;     /* of a directory its entries, and the files right in it */
    uint64_t shared;  /* of a kind, bytes that several entries use; else bytes that are used
                         here and charged to another entry */
    uint64_t entries; /* how many, of a type */
};

struct du {
    struct du_sum kinds[CRAMFS_USAGE_KINDS]; /* those that there are come first */
    size_t kinds_count;
    struct du_sum types[DU_TYPES];
    size_t types_count;
    struct du_sum *directories;
    size_t directories_count;
};

/* Returns 0 or -CRAMFS_ERR_MEMORY; free in any case. */
int du_sum_up(const struct cramfs_view *view, const struct cramfs_usage *usage, struct du *du);
void du_free(struct du *du);

#endif
