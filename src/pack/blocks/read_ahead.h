/*
 * Reads files ahead of the encoder, with several threads.
 *
 * Small files are read in groups. The bytes that are read ahead are limited, whatever the number of
 * threads. Files come back in path order, and so do their errors.
 */
#ifndef CRAMFS_PACK_BLOCKS_READ_AHEAD_H
#define CRAMFS_PACK_BLOCKS_READ_AHEAD_H

#include "cramfs/tree.h"

struct read_ahead;

/* `jobs` as in the options: with one, no thread is started. NULL when memory or threads run out. */
struct read_ahead *read_ahead_create(const struct cramfs_tree *tree, unsigned jobs);
void read_ahead_free(struct read_ahead *ahead);

/* Whether the file has bytes that an image can hold, and a source to read them from. */
bool read_ahead_has(const struct cramfs_node *node);

struct read_file {
    const unsigned char *bytes;
    int error;                 /* of the file's source, or 0 */
    struct cramfs_diags found; /* by the source; the caller frees them */
};

/*
 * Gives the next file of the tree for which read_ahead_has() is true; the caller asks for these in
 * path order, leaving out none. The bytes stay until the next call. Returns 0 or
 * -CRAMFS_ERR_MEMORY, after which there are no more calls.
 */
int read_ahead_next(struct read_ahead *ahead, const struct cramfs_node *node,
                    struct read_file *file);

#endif
