/*
 * The directories of the tree in which the target's dynamic loader looks for libraries.
 *
 * Lists are short in every real tree, and bounded here: a hostile one must not make each library of
 * each program a search through all directories there are.
 */
#ifndef CRAMFS_XIP_RULES_LOADER_PATH_H
#define CRAMFS_XIP_RULES_LOADER_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "cramfs/tree.h"

/* The most directories of one DT_RUNPATH or DT_RPATH, and of the system; the rest is left. */
enum { LOADER_RUN_DIRECTORIES = 32, LOADER_SYSTEM_DIRECTORIES = 128 };

/* In order, each once. Starts as {.most = ...}. */
struct loader_path {
    struct cramfs_node **list;
    size_t list_count;
    size_t list_capacity;
    size_t most;
};

/*
 * Adds what a DT_RUNPATH or DT_RPATH says of a file: paths with colons between. An absolute one
 * begins at the tree's root, "$ORIGIN" or "${ORIGIN}" in front is the directory of the file. What
 * is no directory in the tree, relative (to wherever the program is started), or has another '$' is
 * passed over. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int loader_path_add_run_path(struct loader_path *path, const struct cramfs_tree *tree,
                             const struct cramfs_node *file, const char *text);

/*
 * Adds the directories of the system: those of /etc/ld.so.conf, then the usual ones, then their
 * subdirectories with the name of a multiarch tuple, as arm-linux-gnueabihf. Returns 0 or
 * -CRAMFS_ERR_MEMORY. A file that cannot be read lists nothing.
 */
int loader_path_add_system(struct loader_path *path, const struct cramfs_tree *tree);

/* Adds those of a configuration file and its includes, as ldconfig(8) reads them. */
int loader_path_add_configuration(struct loader_path *path, const struct cramfs_tree *tree,
                                  const char *name);

/* Adds a directory, which may be NULL or something else, and is passed over then. */
int loader_path_add(struct loader_path *path, struct cramfs_node *node);

/* Whether the list takes no more. */
bool loader_path_full(const struct loader_path *path);

void loader_path_free(struct loader_path *path);

#endif
