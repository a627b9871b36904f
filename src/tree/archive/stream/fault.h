/*
 * What libarchive says of an archive that it cannot read, as a diagnostic.
 */
#ifndef CRAMFS_TREE_ARCHIVE_STREAM_FAULT_H
#define CRAMFS_TREE_ARCHIVE_STREAM_FAULT_H

#include <archive.h>

#include "cramfs/diag.h"

enum { FAULT_SIZE = 1024 };

/*
 * libarchive's reason and that of the system, made printable (the reason may hold names of the
 * archive) in a buffer of FAULT_SIZE bytes. Returns `to`.
 */
char *fault_text(struct archive *archive, char *to);

/* "cannot read the archive", with that. Returns -CRAMFS_ERR_IO. */
int report_fault(struct archive *archive, const char *path, struct cramfs_diags *diags);

#endif
