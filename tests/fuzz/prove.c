#include "prove.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cramfs/check.h"

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

static void expect_bytes(const struct cramfs_node *node, const struct cramfs_image *image,
                         const struct cramfs_inode *inode, struct cramfs_inflater *inflater)
{
    unsigned char *expected = malloc((size_t)node->size);
    unsigned char *bytes = NULL;
    FUZZ_EXPECT(expected && inode->size == node->size);
    if (S_ISREG(node->mode))
        FUZZ_EXPECT(node->source->read(node->source, node, expected, NULL) == 0);
    else
        memcpy(expected, node->target, (size_t)node->size);
    FUZZ_EXPECT(cramfs_image_read_file(image, inode, inflater, &bytes) == 0);
    FUZZ_EXPECT(memcmp(bytes, expected, (size_t)node->size) == 0);
    free(bytes);
    free(expected);
}

static void expect_files(const struct cramfs_tree *tree, const struct cramfs_image *image,
                         const struct cramfs_survey *survey)
{
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    FUZZ_EXPECT(inflater && survey->entries.list_count == tree->nodes_count);
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct cramfs_node *node = tree->nodes[i];
        const struct cramfs_entry *entry = &survey->entries.list[i];
        const struct cramfs_inode *inode = &entry->inode;
        FUZZ_EXPECT(inode->mode == node->mode && inode->uid == node->uid);
        FUZZ_EXPECT(inode->gid == node->gid && entry->name_bytes == strlen(node->name));
        FUZZ_EXPECT(memcmp(entry->name, node->name, entry->name_bytes) == 0);
        if (S_ISCHR(node->mode) || S_ISBLK(node->mode))
            FUZZ_EXPECT(inode->size == (node->major << 8 | node->minor));
        if ((S_ISREG(node->mode) || S_ISLNK(node->mode)) && node->size)
            expect_bytes(node, image, inode, inflater);
    }
    cramfs_inflater_free(inflater);
}

static void expect_right(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                         const struct cramfs_plan *plan, const void *bytes, size_t size)
{
    struct cramfs_image image;
    FUZZ_EXPECT(fuzz_open_image(bytes, size, options->page_size, &image));
    image.unaligned = options->kernel == CRAMFS_KERNEL_NOMMU;
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
}

/* As programs write it. */
static unsigned char *written(const struct cramfs_plan *plan, size_t size)
{
    unsigned char *bytes = malloc(size);
    int file = memfd_create("image", MFD_CLOEXEC);
    FUZZ_EXPECT(bytes && cramfs_plan_write(plan, file, "image", NULL) == 0);
    FUZZ_EXPECT(lseek(file, 0, SEEK_END) == (off_t)size);
    FUZZ_EXPECT(pread(file, bytes, size, 0) == (ssize_t)size);
    close(file);
    return bytes;
}

bool fuzz_tree_fits(const struct cramfs_tree *tree)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < tree->nodes_count; i++)
        total += tree->nodes[i]->size;
    return total <= FUZZ_MOST_BYTES && tree->nodes_count <= FUZZ_MOST_NODES;
}

unsigned char *fuzz_build(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                          size_t *size, struct cramfs_like_summary *like)
{
    struct cramfs_plan *plan;
    unsigned char *bytes = NULL;
    int error = cramfs_plan_create(tree, options, NULL, &plan);
    FUZZ_EXPECT(error != -CRAMFS_ERR_INTERNAL);
    if (!error) {
        *size = (size_t)cramfs_plan_summary(plan)->image_size;
        bytes = written(plan, *size);
        expect_right(tree, options, plan, bytes, *size);
        if (like)
            *like = cramfs_plan_summary(plan)->like;
    }
    cramfs_plan_free(plan);
    return bytes;
}
