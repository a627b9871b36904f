/*
 * From an archive to an image: whatever the tree, its image keeps all promises about images. A hash
 * of the input chooses the options.
 */
#include "prove.h"

#include <stdlib.h>

static void choose_options(uint32_t bits, struct cramfs_plan_options *options)
{
    cramfs_plan_options_init(options);
    options->order = bits & 1 ? CRAMFS_BIG : CRAMFS_LITTLE;
    options->kernel = bits & 2 ? CRAMFS_KERNEL_NOMMU : CRAMFS_KERNEL_MMU;
    options->boot_area = bits & 4;
    options->holes = bits & 8;
    options->legacy = (bits >> 4) % 4 == 0;
    options->xip =
        options->legacy ? CRAMFS_XIP_NONE : CRAMFS_XIP_NONE + (bits >> 12) % CRAMFS_XIP_FILE;
    options->compressor = bits & 256 ? CRAMFS_COMPRESSOR_ZLIB : CRAMFS_COMPRESSOR_DEFAULT;
    options->level = 1;
    options->page_size = fuzz_page_sizes[(bits >> 9) % 8 % 5];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_plan_options options;
    size_t image_size;
    choose_options(fuzz_hash(bytes, size), &options);
    struct cramfs_tree *tree = cramfs_tree_create();
    if (tree)
        tree->mtree_root = "/nowhere"; /* manifests have a target of their own */
    if (tree && cramfs_tree_read_archive(tree, fuzz_file(bytes, size), NULL) == 0 &&
        cramfs_tree_finish(tree) == 0 && fuzz_tree_fits(tree))
        free(fuzz_build(tree, &options, &image_size, NULL));
    cramfs_tree_free(tree);
    return 0;
}
