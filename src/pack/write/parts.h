/* The input of writing: the parts of an image, and where its bytes go. */
#ifndef CRAMFS_PACK_WRITE_PARTS_H
#define CRAMFS_PACK_WRITE_PARTS_H

#include "pack/layout/layout.h"

/* All that determines the bytes of an image. */
struct image_parts {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    const struct encoded_tree *encoded;
    const struct arrangement *arrangement;
    const struct layout *layout;
    struct cramfs_super super;
};

/* Receives consecutive bytes; a result other than 0 ends the image and is returned. */
struct byte_sink {
    int (*take)(struct byte_sink *sink, const void *bytes, size_t length);
};

#endif
