/*
 * Files of text that options name: tables, rules, profiles.
 */
#ifndef CRAMFS_BASE_TEXT_TEXT_FILE_H
#define CRAMFS_BASE_TEXT_TEXT_FILE_H

#include <stddef.h>

#include "cramfs/diag.h"

/*
 * Reads the whole file, with a NUL after its `length` bytes. More than `most` bytes are an error,
 * since it is then some other file. A byte order mark at its beginning is dropped. `what` is the
 * kind of file, for messages: "device table". Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT or
 * -CRAMFS_ERR_MEMORY; the caller frees *text in any case.
 */
int text_file_read(const char *path, const char *what, size_t most, struct cramfs_diags *diags,
                   char **text, size_t *length);

#endif
