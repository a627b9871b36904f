/*
 * The file an image is written to: it appears whole or not at all.
 *
 * A regular file (or none) is replaced: the bytes go to a temporary file in the same directory,
 * reach the disk, and get the name with rename(2); until then an older image does not change. When
 * the path is a symbolic link, its target is replaced and the link stays. A device or a fifo is
 * written directly, since it cannot be replaced; so is standard output, whose path is "-". A block
 * device is locked (flock(2)) while it is open, and not written to when it is mounted or locked.
 */
#ifndef CRAMFS_OUTPUT_H
#define CRAMFS_OUTPUT_H

#include <stdbool.h>

#include "cramfs/declarations.h"
#include "cramfs/diag.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_output {
    int file;        /* open for writing */
    char *path;      /* the file to replace, links resolved */
    char *temporary; /* NULL when the file is written directly */
};

/*
 * Opens for writing. Returns 0, or -CRAMFS_ERR_IO with a diagnostic; after that there is nothing to
 * close.
 */
int cramfs_output_open(const char *path, struct cramfs_output *output, struct cramfs_diags *diags);

/*
 * Ends the output: with `keep`, makes the bytes durable and gives the file its name; otherwise
 * removes it. Returns 0 or -CRAMFS_ERR_IO; a file that could not be kept is removed, too. Closing
 * an output that was not opened does nothing.
 */
int cramfs_output_close(struct cramfs_output *output, bool keep, struct cramfs_diags *diags);

/*
 * Whether a file at `path` would be inside `directory`, through whatever links. False when either
 * cannot be examined: opening them will report why.
 */
bool cramfs_output_inside(const char *path, const char *directory);

CRAMFS_END_DECLARATIONS

#endif
