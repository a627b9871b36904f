/*
 * Files that a program writes: whole, or not there, also when a signal ends it.
 */
#ifndef CRAMFS_CLI_COMMON_OUTPUT_H
#define CRAMFS_CLI_COMMON_OUTPUT_H

#include <stdbool.h>
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

/* The same with a file of its own: opens it, has it filled, and keeps it if that went well. */
int write_output_file(const char *path, int (*write)(void *context, FILE *out), void *context,
                      struct cramfs_diags *diags);

/*
 * Whether both are one regular file or block device, also by the name of a link. "-" is standard
 * output, or standard input.
 */
bool is_one_file(const char *output, const char *input);

/*
 * Returns 0 when `path` is none of the inputs, a list of names that a NULL ends; else
 * -CRAMFS_ERR_USAGE with a diagnostic: "WHAT would replace an input".
 */
int refuse_input(const char *path, const char *const *inputs, const char *what,
                 struct cramfs_diags *diags);

#endif
