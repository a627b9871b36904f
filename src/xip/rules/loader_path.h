/*
 * The directories of the tree in which the target's dynamic loader looks for libraries.
 *
 * Lists are short in every real tree, and bounded here: in a hostile tree, the search for one
 * library must not go through all directories.
 */
#ifndef CRAMFS_XIP_RULES_LOADER_PATH_H
#define CRAMFS_XIP_RULES_LOADER_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "cramfs/tree.h"

/* The most directories of one DT_RUNPATH or DT_RPATH, and of the system; more are ignored. */
enum { LOADER_RUN_DIRECTORIES = 32, LOADER_SYSTEM_DIRECTORIES = 128 };

/* In order, without duplicates. Starts as {.most = ...}. */
struct loader_path {
    struct cramfs_node **list;
    size_t list_count;
    size_t list_capacity;
    size_t most;
};

/*
 * Adds the directories in a DT_RUNPATH or DT_RPATH of a file: paths separated by colons. An
 * absolute path begins at the tree's root; a leading "$ORIGIN" or "${ORIGIN}" is the directory of
 * the file. These are ignored: a path that is not a directory in the tree, a relative one (which
 * depends on where the program is started), and one with another '$'. Returns 0 or
 * -CRAMFS_ERR_MEMORY.
 */
int loader_path_add_run_path(struct loader_path *path, const struct cramfs_tree *tree,
                             const struct cramfs_node *file, const char *text);

/*
 * Adds the directories of the system: those of /etc/ld.so.conf, then the usual ones, then their
 * subdirectories with the name of a multiarch tuple, as arm-linux-gnueabihf. Returns 0 or
 * -CRAMFS_ERR_MEMORY. A file that cannot be read lists nothing.
 */
int loader_path_add_system(struct loader_path *path, const struct cramfs_tree *tree);

/* Adds the directories of a configuration file and its includes, as ldconfig(8) reads them. */
int loader_path_add_configuration(struct loader_path *path, const struct cramfs_tree *tree,
                                  const char *name);

/*
 * The text after a leading "$ORIGIN" or "${ORIGIN}" of a path, with a '/' before it or empty; NULL
 * when there is none.
 */
const char *loader_after_origin(const char *path);

/* Adds a directory. NULL, and a node that is not a directory, are ignored. */
int loader_path_add(struct loader_path *path, struct cramfs_node *node);

/* Whether the list is full. */
bool loader_path_full(const struct loader_path *path);

void loader_path_free(struct loader_path *path);

#endif
