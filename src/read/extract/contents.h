/*
 * The contents of files, in parts. A pool inflates ahead of the caller: while the caller writes one
 * part, the pool inflates the next parts of this file and of the files after it.
 */
#ifndef CRAMFS_READ_EXTRACT_CONTENTS_H
#define CRAMFS_READ_EXTRACT_CONTENTS_H

#include "cramfs/survey.h"

struct contents;

enum contents_block {
    CONTENTS_HOLE,     /* zeroes; the part does not have them */
    CONTENTS_BYTES,    /* its bytes are in the part */
    CONTENTS_DAMAGED,  /* it cannot be read */
    CONTENTS_NO_MEMORY /* it was not read, because memory ran out */
};

/* Some blocks of a file, one after the other. */
struct contents_part {
    uint32_t first_block;
    uint32_t blocks;
    uint32_t length; /* bytes of the blocks together */
    enum contents_block *kinds;
    const unsigned char *bytes; /* block i of the part is at i * page_size */
};

/*
 * Contents of all regular files that have blocks, except the entries for which `skipped` is true.
 * `skipped` is borrowed until contents_close(); the caller may set more entries to true meanwhile.
 * `jobs` threads inflate; 0 counts as 1. Returns NULL if memory runs out.
 */
struct contents *contents_open(const struct cramfs_image *image, const struct cramfs_survey *survey,
                               const bool *skipped, unsigned jobs);
void contents_close(struct contents *contents);

/*
 * Sets *part to the next part of an entry's file, or to NULL after the last one. Call it for
 * entries in ascending order: the unread parts of all earlier entries are dropped. The part is
 * valid until the next call. Returns 0, or -CRAMFS_ERR_MEMORY if memory is too short for this
 * entry's next part, and no part is left that could be freed.
 */
int contents_next(struct contents *contents, uint32_t entry, const struct contents_part **part);

#endif
