/*
 * Inputs: the files and directories that an image was made from, for the dependency files of make
 * and ninja.
 */
#ifndef CRAMFS_INPUTS_H
#define CRAMFS_INPUTS_H

#include <stddef.h>

#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

/* A list starts as {0}. Each path is one that open(2) takes, from where the program runs. */
struct cramfs_inputs {
    char **list;
    size_t list_count;
    size_t list_capacity;
};

/* Adds a copy of the path. With a NULL list it does nothing. Returns 0 or -CRAMFS_ERR_MEMORY. */
int cramfs_inputs_add(struct cramfs_inputs *inputs, const char *path);
void cramfs_inputs_free(struct cramfs_inputs *inputs);

CRAMFS_END_DECLARATIONS

#endif
