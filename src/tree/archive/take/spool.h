/*
 * Keeps the bytes of an archive's files until the builder needs them: one file after the other in a
 * file without a name, since an archive is read only once.
 */
#ifndef CRAMFS_TREE_ARCHIVE_TAKE_SPOOL_H
#define CRAMFS_TREE_ARCHIVE_TAKE_SPOOL_H

#include <stdbool.h>

#include "cramfs/tree.h"

struct spool;

/* The directory of such files: $TMPDIR or /tmp. */
const char *spool_directory(void);

/* A file without a name in $TMPDIR or /tmp; -1 with errno. */
int spool_open_file(void);

/*
 * Writes to such a file, at an offset where it has nothing yet: blocks of zeroes stay holes, also
 * at its end. Returns false with errno.
 */
bool spool_write(int file, const void *bytes, size_t length, uint64_t offset);

/*
 * Makes a spool in $TMPDIR or /tmp, as a source that the tree frees. Returns 0, -CRAMFS_ERR_IO or
 * -CRAMFS_ERR_MEMORY; the diagnostic names the archive at `path`.
 */
int spool_create(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags,
                 struct spool **spool);

/*
 * Keeps bytes of the current file, from its `offset` on; zeroes and gaps are holes. Returns false
 * with errno.
 */
bool spool_put(struct spool *spool, const void *bytes, size_t length, uint64_t offset);

/*
 * Ends the current file, which is `node` and has its size by now, and begins the next. Returns
 * false with errno.
 */
bool spool_end(struct spool *spool, struct cramfs_node *node);

#endif
