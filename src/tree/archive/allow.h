/* Errors of an archive that are only warnings when the tree allows them. */
#ifndef CRAMFS_TREE_ARCHIVE_ALLOW_H
#define CRAMFS_TREE_ARCHIVE_ALLOW_H

#include "tree/archive/take/take.h"

/*
 * Reports `what`. Where the tree allows `loss` it is a warning, and the result is 0; otherwise it
 * is an error with that remedy, and the result is -CRAMFS_ERR_IO.
 */
int allow_or_fail(const struct archive_reading *reading, enum cramfs_loss loss, const char *what);

#endif
