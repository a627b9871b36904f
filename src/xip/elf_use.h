/*
 * How the ELF files of a tree are used: which libraries no ELF file links, and how much of each
 * file its loader maps.
 */
#ifndef CRAMFS_XIP_ELF_USE_H
#define CRAMFS_XIP_ELF_USE_H

#include <stdbool.h>
#include <stdint.h>

#include "cramfs/tree.h"

struct elf_use {
    bool unlinked;   /* a library that is in no DT_NEEDED; dlopen(3) may still load it */
    uint64_t loaded; /* where its segments end in the file; UINT64_MAX: all is used */
};

/*
 * Fills in one element for each node of a finished tree, by its number. Reads all regular files;
 * all of an unreadable file counts as used. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int find_elf_use(const struct cramfs_tree *tree, struct elf_use *uses);

#endif
