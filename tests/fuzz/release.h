/*
 * The release after an image: a tree with the paths, modes, owners and contents of the image, and
 * some edits.
 */
#ifndef TESTS_FUZZ_RELEASE_H
#define TESTS_FUZZ_RELEASE_H

#include "edits.h"
#include "fuzz.h"

#include "cramfs/like_image.h"
#include "cramfs/tree.h"

struct release {
    struct cramfs_tree *tree;
    unsigned char *bytes; /* of all its files; the tree reads them there */
    size_t used;
};

/*
 * Makes the finished tree from an open image, which is not needed afterwards. One in `rate` entries
 * is edited: left out, renamed, moved, given another owner, changed in some bytes or pages, grown,
 * cut, shifted; and a few are new. 0: none. Returns false for a tree that is too large. Free it in
 * any case.
 */
bool release_make(const struct cramfs_like_image *image, struct numbers *numbers, uint32_t rate,
                  struct release *release);
void release_free(struct release *release);

#endif
