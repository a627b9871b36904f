/*
 * Where the bytes of an archive's files wait for the builder: one behind the other in a file
 * without a name, since an archive is read only once.
 */
#ifndef CRAMFS_TREE_ARCHIVE_TAKE_SPOOL_H
#define CRAMFS_TREE_ARCHIVE_TAKE_SPOOL_H

#include <stdbool.h>

#include "cramfs/tree.h"

struct spool;

/* Where it is: $TMPDIR or /tmp. */
const char *spool_directory(void);

/* A file without a name in $TMPDIR or /tmp; -1 with errno. */
int spool_open_file(void);

/*
 * Writes to such a file, at a place where it has nothing yet: blocks of zeroes stay holes, also at
 * its end. Returns false with errno.
 */
bool spool_write(int file, const void *bytes, size_t length, uint64_t offset);

/*
 * Makes a spool in $TMPDIR or /tmp, as a source that the tree frees. Returns 0, -CRAMFS_ERR_IO or
 * -CRAMFS_ERR_MEMORY; the diagnostic names the archive at `path`.
 */
int spool_create(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags,
                 struct spool **spool);

/*
 * Keeps bytes of the file at work, from `offset` of that file on; what is zero or passed over are
 * holes. Returns false with errno.
 */
bool spool_put(struct spool *spool, const void *bytes, size_t length, uint64_t offset);

/*
 * Ends the file at work, which is `node` and has its size by now, and begins the next. Returns
 * false with errno.
 */
bool spool_end(struct spool *spool, struct cramfs_node *node);

#endif
