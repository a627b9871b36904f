/*
 * Files that a program writes: they appear whole or not at all, also when a signal ends the
 * program.
 */
#ifndef CRAMFS_CLI_COMMON_OUTPUT_H
#define CRAMFS_CLI_COMMON_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "cramfs/output.h"

/* As cramfs_output_open(). The temporary file is removed if a signal comes. */
int open_output(const char *path, struct cramfs_output *output, struct cramfs_diags *diags);

/*
 * Calls `write` to fill an open output, and returns its result; or -CRAMFS_ERR_IO, with a
 * diagnostic, also if the bytes cannot be written afterwards.
 */
int fill_output(const struct cramfs_output *output, int (*write)(void *context, FILE *out),
                void *context, struct cramfs_diags *diags);

/* The same for a file by itself: opens it, calls `write`, and keeps the file if all succeeds. */
int write_output_file(const char *path, int (*write)(void *context, FILE *out), void *context,
                      struct cramfs_diags *diags);

/*
 * Whether both paths lead to the same regular file or block device, also through links. "-" is
 * standard output, or standard input.
 */
bool is_one_file(const char *output, const char *input);

/*
 * Returns 0 if `path` is not in `inputs`, a list of names that ends with NULL; else
 * -CRAMFS_ERR_USAGE with a diagnostic: "WHAT would replace an input".
 */
int refuse_input(const char *path, const char *const *inputs, const char *what,
                 struct cramfs_diags *diags);

#endif
