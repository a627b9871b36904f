/*
 * What mkcramfs-xip writes: the image, and beside it what the options ask for. All appear together
 * or not at all.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_OUTPUTS_H
#define CRAMFS_CLI_MKCRAMFS_XIP_OUTPUTS_H

#include <stdio.h>

#include "cli/mkcramfs-xip/options/options.h"
#include "cramfs/output.h"

enum output_kind { OUTPUT_IMAGE, OUTPUT_EXTENTS, OUTPUT_DEPFILE, OUTPUT_STATS, OUTPUTS_COUNT };

struct outputs {
    struct cramfs_output list[OUTPUTS_COUNT];
    bool opened[OUTPUTS_COUNT];
};

/* The path that the options give an output; NULL when it is not wanted as a file. */
const char *output_path(const struct arguments *arguments, enum output_kind kind);

/* Opens all that are wanted, before the work, so that a bad path is told at once. */
int open_outputs(const struct arguments *arguments, struct outputs *outputs);

/* Closes all: they stay, or are gone when `keep` is false or one cannot be closed well. */
int close_outputs(struct outputs *outputs, bool keep, struct cramfs_diags *diags);

/* Has `write` fill an output, if that was opened. Returns what that returns, or -CRAMFS_ERR_IO. */
int write_output(const struct outputs *outputs, enum output_kind kind,
                 int (*write)(void *context, FILE *out), void *context, struct cramfs_diags *diags);

#endif
