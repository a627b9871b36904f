/*
 * An image as the source of a tree: it is refused, or all of the tree can be read. The image that
 * is built from it is a source of the same image again. A hash of the input chooses the options,
 * and whether damage is allowed.
 */
#include "prove.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/image_source.h"

static struct cramfs_tree *read_source(const uint8_t *bytes, size_t size, uint32_t page_size,
                                       bool damaged)
{
    const struct cramfs_open_options options = {.page_size = page_size};
    struct cramfs_diags diags = {0};
    struct cramfs_tree *tree = cramfs_tree_create();
    if (!tree)
        return NULL;
    tree->allow |= damaged ? CRAMFS_LOSS_BIT(CRAMFS_LOSS_DAMAGED) : 0;
    int error = cramfs_tree_read_image(tree, fuzz_file(bytes, size), &options, 1, &diags);
    FUZZ_EXPECT((error != 0) == (diags.errors > 0));
    cramfs_diags_free(&diags);
    if (!error && cramfs_tree_finish(tree) == 0)
        return tree;
    cramfs_tree_free(tree);
    return NULL;
}

/* If the source was accepted as sound, reading its bytes cannot fail. */
static void read_files(const struct cramfs_tree *tree)
{
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct cramfs_node *node = tree->nodes[i];
        FUZZ_EXPECT(!node->parent || (node->name[0] && !strchr(node->name, '/')));
        FUZZ_EXPECT(!S_ISLNK(node->mode) || (node->size && node->size == strlen(node->target)));
        if (!S_ISREG(node->mode) || !node->size)
            continue;
        void *file = malloc((size_t)node->size);
        if (file)
            FUZZ_EXPECT(node->source->read(node->source, node, file, NULL) == 0);
        free(file);
    }
}

static void choose_options(uint32_t bits, struct cramfs_plan_options *options)
{
    cramfs_plan_options_init(options);
    options->order = bits & 1 ? CRAMFS_BIG : CRAMFS_LITTLE;
    options->kernel = bits & 2 ? CRAMFS_KERNEL_NOMMU : CRAMFS_KERNEL_MMU;
    options->boot_area = bits & 4;
    options->holes = bits & 8;
    options->legacy = (bits >> 4) % 4 == 0;
    if (options->legacy)
        options->xip = CRAMFS_XIP_NONE;
    options->level = 1;
    options->page_size = fuzz_page_sizes[(bits >> 9) % 8 % 5];
}

static void expect_again(const unsigned char *image, size_t size,
                         const struct cramfs_plan_options *options)
{
    struct cramfs_tree *tree = read_source(image, size, options->page_size, false);
    size_t size_again = 0;
    unsigned char *again = tree ? fuzz_build(tree, options, &size_again, NULL) : NULL;
    FUZZ_EXPECT(!tree || (again && size_again == size && memcmp(again, image, size) == 0));
    free(again);
    cramfs_tree_free(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint32_t bits = fuzz_hash(bytes, size);
    struct cramfs_plan_options options;
    struct cramfs_tree *tree = read_source(bytes, size, fuzz_page_size(bytes, size), bits & 16);
    if (tree && fuzz_tree_fits(tree)) {
        size_t image_size;
        read_files(tree);
        choose_options(bits >> 5, &options);
        unsigned char *image = fuzz_build(tree, &options, &image_size, NULL);
        if (image)
            expect_again(image, image_size, &options);
        free(image);
    }
    cramfs_tree_free(tree);
    return 0;
}
