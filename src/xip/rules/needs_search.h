/* Finds the files in the tree that a program needs, as the target's loader will. */
#ifndef CRAMFS_XIP_RULES_NEEDS_SEARCH_H
#define CRAMFS_XIP_RULES_NEEDS_SEARCH_H

#include <stdint.h>

#include "cramfs/tree.h"
#include "xip/program/elf_dynamic.h"
#include "xip/rules/loader_path.h"

/*
 * The most files whose run paths are tried for the libraries of a file: the file that needs it, the
 * file that needs that one, and so on.
 */
enum { NEEDS_MOST_LOADERS = 4 };

/* How many files of one name are examined when no directory decides. */
enum { NEEDS_MOST_NAMESAKES = 64 };

struct needs_object;

/* Starts as {0}; all members are private. */
struct needs_search {
    const struct cramfs_tree *tree;
    struct needs_object *objects; /* of each node */
    struct loader_path system;
    struct cramfs_node **by_name; /* files and links; NULL until they are first needed */
    size_t by_name_count;
};

enum needs_found {
    NEEDS_FOUND,
    NEEDS_NOWHERE,
    NEEDS_RELATIVE,  /* the name is a relative path, from where the program is started */
    NEEDS_AMBIGUOUS, /* several files of that name, none of them in a directory of the search */
};

/* The tree must be finished. Returns 0 or -CRAMFS_ERR_MEMORY. */
int needs_search_init(struct needs_search *search, const struct cramfs_tree *tree);
void needs_search_free(struct needs_search *search);

/*
 * All bytes of a node, to be freed; NULL when it is not a regular file, is over the format's limit,
 * or cannot be read. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int needs_search_read(const struct cramfs_node *node, unsigned char **bytes);

/*
 * Keeps the run path of a file, for the libraries that it needs and those that they need. Returns
 * as above.
 */
int needs_search_add_run_path(struct needs_search *search, const struct cramfs_node *file,
                              const struct elf_dynamic *dynamic);

/* Records which file needed this one first. */
void needs_search_loaded_by(struct needs_search *search, uint32_t number,
                            const struct cramfs_node *by);

/*
 * Finds the library or interpreter `name` for `by`, a file of that machine. When there is none,
 * *node is NULL and *found says why. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int needs_search_find(struct needs_search *search, const struct cramfs_node *by, const char *name,
                      struct elf_machine machine, struct cramfs_node **node,
                      enum needs_found *found);

#endif
