/*
 * From an archive to an image: whatever the tree, the checker has nothing against what the builder
 * makes of it, its extents are those that were planned, and each file reads as it was. A hash of
 * the input chooses the options.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cramfs/check.h"
#include "cramfs/plan.h"

/* Of all files together, and of entries: a few bytes of an archive can be 16 MiB of zeroes. */
enum { MOST_BYTES = 1 << 20, MOST_NODES = 1000 };

static uint32_t hash(const uint8_t *bytes, size_t size)
{
    uint32_t value = 2166136261u;
    for (size_t i = 0; i < size; i++)
        value = (value ^ bytes[i]) * 16777619u;
    return value ^ value >> 15;
}

static void choose_options(uint32_t bits, struct cramfs_plan_options *options)
{
    cramfs_plan_options_init(options);
    options->order = bits & 1 ? CRAMFS_BIG : CRAMFS_LITTLE;
    options->kernel = bits & 2 ? CRAMFS_KERNEL_NOMMU : CRAMFS_KERNEL_MMU;
    options->boot_area = bits & 4;
    options->holes = bits & 8;
    options->legacy = (bits >> 4) % 4 == 0;
    options->xip = options->legacy ? CRAMFS_XIP_NONE : (enum cramfs_xip)((bits >> 6) % 4);
    options->compressor = bits & 256 ? CRAMFS_COMPRESSOR_ZLIB : CRAMFS_COMPRESSOR_DEFAULT;
    options->level = 1;
    options->page_size = fuzz_page_sizes[(bits >> 9) % 8 % 5];
}

static void expect_clean(void *context, const struct cramfs_finding *finding)
{
    (void)context;
    const struct cramfs_rule_info *rule = cramfs_rule_info(finding->rule);
    if (rule->severity == CRAMFS_FINDING_NOTE)
        return;
    fprintf(stderr, "%s: %s\n", rule->name, finding->text);
    fuzz_broken("an image of ours has no finding", __FILE__, __LINE__);
}

static void expect_planned(const struct cramfs_plan *plan, struct cramfs_extents *found)
{
    struct cramfs_extents planned = {0};
    if (cramfs_plan_extents(plan, &planned) == 0) {
        cramfs_extents_merge(found);
        FUZZ_EXPECT(planned.list_count == found->list_count);
        for (size_t i = 0; i < planned.list_count; i++)
            FUZZ_EXPECT(memcmp(&planned.list[i], &found->list[i], sizeof(planned.list[i])) == 0);
    }
    cramfs_extents_free(&planned);
}

static void expect_files(const struct cramfs_tree *tree, const struct cramfs_image *image,
                         const struct cramfs_survey *survey)
{
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    FUZZ_EXPECT(inflater && survey->entries.list_count == tree->nodes_count);
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct cramfs_node *node = tree->nodes[i];
        const struct cramfs_inode *inode = &survey->entries.list[i].inode;
        FUZZ_EXPECT(inode->mode == node->mode && inode->uid == node->uid);
        if (!S_ISREG(node->mode) || !node->size)
            continue;
        unsigned char *expected = malloc(node->size);
        unsigned char *bytes = NULL;
        FUZZ_EXPECT(expected && inode->size == node->size);
        FUZZ_EXPECT(node->source->read(node->source, node, expected, NULL) == 0);
        FUZZ_EXPECT(cramfs_image_read_file(image, inode, inflater, &bytes) == 0);
        FUZZ_EXPECT(memcmp(bytes, expected, node->size) == 0);
        free(bytes);
        free(expected);
    }
    cramfs_inflater_free(inflater);
}

static void prove(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                  const struct cramfs_plan *plan)
{
    size_t size = cramfs_plan_summary(plan)->image_size;
    int file = memfd_create("image", MFD_CLOEXEC);
    FUZZ_EXPECT(cramfs_plan_write(plan, file, "image", NULL) == 0);
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    FUZZ_EXPECT(bytes != MAP_FAILED && lseek(file, 0, SEEK_END) == (off_t)size);
    close(file);

    struct cramfs_image image;
    FUZZ_EXPECT(fuzz_open_image(bytes, size, options->page_size, &image));
    const struct cramfs_listener listener = {expect_clean, NULL};
    const struct cramfs_check_options check = {.jobs = 1, .kernel = options->kernel};
    struct cramfs_survey survey;
    if (cramfs_survey(&image, &listener, &survey) == 0 &&
        cramfs_check(&image, &survey, &check, &listener) == 0) {
        expect_files(tree, &image, &survey);
        expect_planned(plan, &survey.extents);
    }
    cramfs_survey_free(&survey);
    cramfs_image_close(&image);
    munmap(bytes, size);
}

static bool fits(const struct cramfs_tree *tree)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < tree->nodes_count; i++)
        total += tree->nodes[i]->size;
    return total <= MOST_BYTES && tree->nodes_count <= MOST_NODES;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_plan_options options;
    choose_options(hash(bytes, size), &options);
    struct cramfs_tree *tree = cramfs_tree_create();
    if (tree)
        tree->mtree_root = "/nowhere"; /* manifests have a target of their own */
    if (tree && cramfs_tree_read_archive(tree, fuzz_file(bytes, size), NULL) == 0 &&
        cramfs_tree_finish(tree) == 0 && fits(tree)) {
        struct cramfs_plan *plan;
        if (cramfs_plan_create(tree, &options, NULL, &plan) == 0)
            prove(tree, &options, plan);
        cramfs_plan_free(plan);
    }
    cramfs_tree_free(tree);
    return 0;
}
