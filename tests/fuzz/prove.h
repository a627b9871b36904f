/*
 * Building an image in a target, and holding it to all that is promised of one.
 */
#ifndef TESTS_FUZZ_PROVE_H
#define TESTS_FUZZ_PROVE_H

#include "fuzz.h"

#include "cramfs/plan.h"

/*
 * Of all files together, and of entries: a few bytes of an archive, or holes of an image, can be
 * 16 MiB of zeroes.
 */
enum { FUZZ_MOST_BYTES = 1 << 20, FUZZ_MOST_NODES = 1000 };

/* Whether a finished tree has no more than that. */
bool fuzz_tree_fits(const struct cramfs_tree *tree);

/*
 * Plans and writes the image of a finished tree. No plan fails by a proof of its own; the checker
 * has nothing against the image; its extents are those that were planned; each entry says what its
 * node does, and each file and link reads as it was. Returns the image's bytes, `*size` of them,
 * which the caller frees; NULL when the tree or the options allow no image. *like, if not NULL, is
 * what options->like came to.
 */
unsigned char *fuzz_build(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                          size_t *size, struct cramfs_like_summary *like);

#endif
