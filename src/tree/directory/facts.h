/*
 * What the system says about one entry of a directory.
 *
 * The entry is opened, and all facts come from the open file: status, the target of a link,
 * extended attributes. So if it is replaced meanwhile, a node never has the facts of two files.
 *
 * Most files and directories have no attributes. Where the kernel says so without opening them,
 * they are not opened, which takes half the time. If such an entry is replaced meanwhile, the build
 * fails when it opens the entry to read it: only empty files, which are not read, are always opened
 * here.
 */
#ifndef CRAMFS_TREE_DIRECTORY_FACTS_H
#define CRAMFS_TREE_DIRECTORY_FACTS_H

#include <stdbool.h>
#include <sys/stat.h>

#include "cramfs/tree.h"
#include "tree/directory/disk.h"
#include "tree/directory/names.h"

struct directory_facts {
    int system_error; /* errno, if it cannot be examined: then no other fact is valid */
    struct stat status;
    struct cramfs_losses losses; /* its extended attributes */
    bool opaque;                 /* an attribute marks it as an opaque directory of overlayfs */
    struct disk_target target;   /* of a link; the caller frees its bytes */
};

/*
 * Reads the facts of an entry of the open directory; in any thread. `by_name` is the answer of
 * attributes_by_name().
 */
void facts_read(int directory, const struct directory_name *name, bool by_name,
                struct directory_facts *facts);

#endif
