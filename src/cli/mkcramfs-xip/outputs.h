/*
 * The files that mkcramfs-xip writes: the image, and others that the options request. All appear
 * together or not at all.
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

/* The path of an output in the options; NULL if it is not written to a file. */
const char *output_path(const struct arguments *arguments, enum output_kind kind);

/* Opens all requested files, before the work begins, so that a bad path is reported at once. */
int open_outputs(const struct arguments *arguments, struct outputs *outputs);

/* Closes all files. They are removed if `keep` is false, or if closing one fails. */
int close_outputs(struct outputs *outputs, bool keep, struct cramfs_diags *diags);

/* Calls `write` to fill an output, if that is open. Returns its result, or -CRAMFS_ERR_IO. */
int write_output(const struct outputs *outputs, enum output_kind kind,
                 int (*write)(void *context, FILE *out), void *context, struct cramfs_diags *diags);

#endif
