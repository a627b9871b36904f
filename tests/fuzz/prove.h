/*
 * Builds an image in a target, and checks all promises about it.
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

/* Whether a finished tree is within these limits. */
bool fuzz_tree_fits(const struct cramfs_tree *tree);

/*
 * Plans and writes the image of a finished tree. No plan fails its own proof; the checker finds
 * nothing in the image; its extents are those of the plan; each entry equals its node, and each
 * file and link reads as before. Returns the image's bytes, `*size` of them, which the caller
 * frees; NULL when the tree or the options allow no image. *like, if not NULL, is the result for
 * options->like.
 */
unsigned char *fuzz_build(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                          size_t *size, struct cramfs_like_summary *like);

#endif
