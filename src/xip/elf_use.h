/*
 * What of the ELF files of a tree is used: which libraries none of them links, and how much of each
 * its loader maps.
 */
#ifndef CRAMFS_XIP_ELF_USE_H
#define CRAMFS_XIP_ELF_USE_H

#include <stdbool.h>
#include <stdint.h>

#include "cramfs/tree.h"

struct elf_use {
    bool unlinked;   /* a library that is in no DT_NEEDED; dlopen(3) may still load it */
    uint64_t loaded; /* up to where its segments go; UINT64_MAX: all of it, it is not such a file */
};

/*
 * Fills in one element for each node of a finished tree, by its number. Reads all regular files; of
 * one that cannot be read, all is used. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int find_elf_use(const struct cramfs_tree *tree, struct elf_use *uses);

#endif
