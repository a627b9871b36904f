/*
 * An image's usage summed up by kind of byte, type and entry, each from most to least. The kinds
 * sum up to the size of the image, and so do the types, and the `own` bytes of all directories.
 */
#ifndef CRAMFS_REPORT_USAGE_DU_H
#define CRAMFS_REPORT_USAGE_DU_H

#include "cramfs/usage.h"

enum { DU_TYPES = 10 };

struct du_sum {
    const char *name;  /* of a kind or type */
    uint32_t entry;    /* of an entry: its number; of others: their place among equals */
    uint64_t bytes;    /* of a directory with all that is below it */
    uint64_t in_place; /* of an entry: the bytes in place */
    uint64_t own;      /* of a directory: its entries, and the files directly in it */
    uint64_t shared;   /* of a kind, bytes that several entries use; else bytes that are used
                          here and charged to another entry */
    uint64_t entries;  /* how many, of a type */
};

struct du {
    struct du_sum kinds[CRAMFS_USAGE_KINDS]; /* those that there are come first */
    size_t kinds_count;
    struct du_sum types[DU_TYPES];
    size_t types_count;
};

struct du_table {
    struct du_sum *list;
    size_t count;
};

/* For qsort(): most bytes first, and then in the order of entries. */
int du_compare(const void *first, const void *second);

/* The sums by kind and type. Returns 0 or -CRAMFS_ERR_MEMORY. */
int du_sum_up(const struct cramfs_view *view, const struct cramfs_usage *usage, struct du *du);

/*
 * One for each entry, in their order: of a directory with all that is below it. NULL when memory
 * runs out; the caller frees.
 */
struct du_sum *du_sum_tree(const struct cramfs_view *view, const struct cramfs_usage *usage);

/*
 * Lists all directories, or all other entries; or those that the options choose. They return 0 or
 * -CRAMFS_ERR_MEMORY; free in any case.
 */
int du_list_kind(const struct cramfs_view *view, const struct cramfs_usage *usage, bool directories,
                 struct du_table *table);
int du_list_chosen(const struct cramfs_view *view, const struct cramfs_usage *usage,
                   const struct cramfs_du_options *options, struct du_table *table);
void du_table_free(struct du_table *table);

#endif
