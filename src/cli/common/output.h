/*
 * Files that a program writes: whole, or not there, also when a signal ends it.
 */
#ifndef CRAMFS_CLI_COMMON_OUTPUT_H
#define CRAMFS_CLI_COMMON_OUTPUT_H

#include <stdio.h>

#include "cramfs/output.h"

/* cramfs_output_open(), and the temporary file is removed when a signal comes. */
int open_output(const char *path, struct cramfs_output *output, struct cramfs_diags *diags);

/*
 * Has `write` fill an open output. Returns what that returns; -CRAMFS_ERR_IO, also when the bytes
 * cannot be written after it, with a diagnostic.
 */
int fill_output(const struct cramfs_output *output, int (*write)(void *context, FILE *out),
                void *context, struct cramfs_diags *diags);

#endif
