/*
 * Files of text that options name: tables, rules, profiles.
 */
#ifndef CRAMFS_BASE_TEXT_TEXT_FILE_H
#define CRAMFS_BASE_TEXT_TEXT_FILE_H

#include <stddef.h>

#include "cramfs/diag.h"

/*
 * Reads the file whole, with a NUL behind its `length` bytes; more than `most` are an error, since
 * it is some other file then. A byte order mark at its head is dropped. `what` it is stands in
 * messages: "device table". Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT or -CRAMFS_ERR_MEMORY;
 * the caller frees *text in any case.
 */
int text_file_read(const char *path, const char *what, size_t most, struct cramfs_diags *diags,
                   char **text, size_t *length);

#endif
