/* Extended attributes of files on disk. The format cannot hold them: they are only counted. */
#ifndef CRAMFS_TREE_DIRECTORY_ATTRIBUTES_H
#define CRAMFS_TREE_DIRECTORY_ATTRIBUTES_H

#include <stdbool.h>
#include <sys/stat.h>

#include "cramfs/tree.h"

struct open_entry {
    int directory; /* open */
    const char *name;
    int file;      /* the entry itself */
    bool readable; /* or else `file` is open with O_PATH */
    struct stat status;
};

/*
 * Counts the attributes of an entry by class. If neither procfs nor an open file gives them, the
 * entry counts as one that could not be asked. Returns whether an attribute marks it as an opaque
 * directory of overlayfs.
 */
bool count_attributes(struct cramfs_losses *losses, const struct open_entry *entry);

/* Whether the kernel lists attributes of a name, without an open file: Linux 6.13 and later do. */
bool attributes_by_name(void);

/* Whether the name has no attributes; false also when the kernel does not say so. */
bool attributes_has_none(int directory, const char *name);

#endif
