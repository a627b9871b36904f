/*
 * Dependency files: a rule that make and ninja read, with what an image was made from.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_DEPFILE_H
#define CRAMFS_CLI_MKCRAMFS_XIP_DEPFILE_H

#include <stdio.h>

#include "cramfs/diag.h"
#include "cramfs/inputs.h"

/*
 * "IMAGE: input input ...", and for each input a rule without anything, so that make continues when
 * an input is gone. The list is sorted, so that it does not depend on the order of directories. If
 * make and ninja have no common way to write a name, it is left out, with a warning. For the name
 * of the image itself, that is an error: returns 0 or -CRAMFS_ERR_USAGE.
 */
int write_depfile(FILE *out, const char *image, struct cramfs_inputs *inputs,
                  struct cramfs_diags *diags);

#endif
