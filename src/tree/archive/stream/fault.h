/* libarchive's reason why it cannot read an archive, as a diagnostic. */
#ifndef CRAMFS_TREE_ARCHIVE_STREAM_FAULT_H
#define CRAMFS_TREE_ARCHIVE_STREAM_FAULT_H

#include <archive.h>

#include "cramfs/diag.h"

enum { FAULT_SIZE = 1024 };

/*
 * The reasons of libarchive and of the system, printable (libarchive's may have names of the
 * archive in it), in a buffer of FAULT_SIZE bytes. Returns `to`.
 */
char *fault_text(struct archive *archive, char *to);

/* Reports "cannot read the archive", with that. Returns -CRAMFS_ERR_IO. */
int report_fault(struct archive *archive, const char *path, struct cramfs_diags *diags);

#endif
