/*
 * Errors of an archive that a tree may allow, and that are warnings then.
 */
#ifndef CRAMFS_TREE_ARCHIVE_ALLOW_H
#define CRAMFS_TREE_ARCHIVE_ALLOW_H

#include "tree/archive/take/take.h"

/*
 * Reports `what`: where the tree allows `loss` as a warning, and returns 0; else as an error with
 * that remedy, and returns -CRAMFS_ERR_IO.
 */
int allow_or_fail(const struct archive_reading *reading, enum cramfs_loss loss, const char *what);

#endif
