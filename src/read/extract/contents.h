/*
 * The bytes of files, inflated by a pool before they are written: while one part is written, the
 * next ones are inflated, of the same file or of files after it.
 */
#ifndef CRAMFS_READ_EXTRACT_CONTENTS_H
#define CRAMFS_READ_EXTRACT_CONTENTS_H

#include "cramfs/survey.h"

struct contents;

enum contents_block {
    CONTENTS_HOLE,   /* its bytes are zeroes, and not in the part */
    CONTENTS_BYTES,  /* its bytes are in the part */
    CONTENTS_DAMAGED /* it cannot be read */
};

/* Some blocks of a file, one after the other. */
struct contents_part {
    uint32_t first_block;
    uint32_t blocks;
    uint32_t length; /* bytes of the blocks together */
    enum contents_block *kinds;
    const unsigned char *bytes; /* of all blocks, each at its place */
};

/*
 * Contents of the regular files that have blocks, by entry, without those in `skipped`, which stays
 * the caller's. `jobs` threads inflate; 0 counts as 1. NULL without memory.
 */
struct contents *contents_open(const struct cramfs_image *image, const struct cramfs_survey *survey,
                               const bool *skipped, unsigned jobs);
void contents_close(struct contents *contents);

/*
 * The next part of the file of an entry; NULL after the last one. Entries are asked for in
 * ascending order; what is left of those before is dropped. The part is valid until the next call.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int contents_next(struct contents *contents, uint32_t entry, const struct contents_part **part);

#endif
