/*
 * Finding in the tree what a program needs, as the target's loader will.
 */
#ifndef CRAMFS_XIP_RULES_NEEDS_SEARCH_H
#define CRAMFS_XIP_RULES_NEEDS_SEARCH_H

#include <stdint.h>

#include "cramfs/tree.h"
#include "xip/program/elf_dynamic.h"
#include "xip/rules/loader_path.h"

/* How many of those who need who needs a library are asked for their run path. */
enum { NEEDS_MOST_LOADERS = 4 };

/* Of several files with one name, how many are looked at when no directory says which. */
enum { NEEDS_MOST_NAMESAKES = 64 };

struct needs_object;

/* Starts as {0}; all of it is the search's own. */
struct needs_search {
    const struct cramfs_tree *tree;
    struct needs_object *objects; /* of each node */
    struct loader_path system;
    struct cramfs_node **by_name; /* files and links; NULL until the first is asked for */
    size_t by_name_count;
};

enum needs_found {
    NEEDS_FOUND,
    NEEDS_NOWHERE,
    NEEDS_AMBIGUOUS, /* several files of that name, none in a directory that is searched */
};

/* Of a finished tree. Returns 0 or -CRAMFS_ERR_MEMORY. */
int needs_search_init(struct needs_search *search, const struct cramfs_tree *tree);
void needs_search_free(struct needs_search *search);

/*
 * All bytes of a node, to be freed; NULL when it is no regular file, is over the format's limit, or
 * cannot be read. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int needs_search_read(const struct cramfs_node *node, unsigned char **bytes);

/* Keeps the run path of a file, for what is needed by it and by those it loads. Returns as above.
 */
int needs_search_add_run_path(struct needs_search *search, const struct cramfs_node *file,
                              const struct elf_dynamic *dynamic);

/* Says who needed a file first. */
void needs_search_loaded_by(struct needs_search *search, uint32_t number,
                            const struct cramfs_node *by);

/*
 * What `by`, a file of that machine, means by the name of a library or interpreter; *node is NULL
 * when it is not there, and *found says why. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int needs_search_find(struct needs_search *search, const struct cramfs_node *by, const char *name,
                      struct elf_machine machine, struct cramfs_node **node,
                      enum needs_found *found);

#endif
