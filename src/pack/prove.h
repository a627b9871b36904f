/*
 * The builder's proof of its own plan: the kernel's decision, replayed.
 */
#ifndef CRAMFS_PACK_PROVE_H
#define CRAMFS_PACK_PROVE_H

#include "pack/write/write.h"

/*
 * Whether the kernel that the image is for will map every page in place directly, in some mapping
 * that the page was chosen for. Calls cramfs_mappings_predict() with the pointers as planned.
 * Returns 0, -CRAMFS_ERR_INTERNAL or -CRAMFS_ERR_MEMORY, with a diagnostic.
 */
int prove_direct(const struct image_parts *parts, struct cramfs_diags *diags);

#endif
