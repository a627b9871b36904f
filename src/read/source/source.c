/*
 * An image as the source of a tree. It is not in tree/, since tree/ must not depend on the reader
 * of images.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/options.h"
#include "base/pass_on.h"
#include "cramfs/image_source.h"
#include "read/source/damage.h"
#include "read/source/entries.h"
#include "tree/archive/image.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/layers/whiteouts.h"

struct image_source {
    struct cramfs_source base;
    struct cramfs_image image;
    struct cramfs_inflater *inflater;
    void *mapping; /* when the image was kept in a file of our own */
    size_t mapping_size;
};

static int read_blocks(const struct image_source *source, const struct cramfs_node *node,
                       unsigned char *to)
{
    const struct cramfs_inode inode = {.size = (uint32_t)node->size,
                                       .offset = (uint32_t)node->source_offset};
    struct cramfs_table table = cramfs_image_table(&source->image, &inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    int error = 0;
    for (uint32_t i = 0; !error && i < blocks; i++) {
        struct cramfs_block block;
        cramfs_block_locate(&table, i, &block);
        error = cramfs_image_read_block(&source->image, &block, source->inflater,
                                        to + (size_t)i * table.page_size, NULL);
    }
    return error;
}

static int read_file(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                     struct cramfs_diags *diags)
{
    int error = read_blocks((const struct image_source *)base, node, to);
    if (error == -CRAMFS_ERR_MEMORY)
        return cramfs_fail_memory(diags);
    return error ? cramfs_node_fail(diags, CRAMFS_ERR_CHANGED, node,
                                    "its image changed while it was read")
                 : 0;
}

static void free_source(struct cramfs_source *base)
{
    struct image_source *source = (struct image_source *)base;
    cramfs_image_close(&source->image);
    cramfs_inflater_free(source->inflater);
    if (source->mapping)
        munmap(source->mapping, source->mapping_size);
    free(source);
}

/* From now on the tree frees it. */
static struct image_source *create_source(struct cramfs_tree *tree, struct cramfs_diags *diags)
{
    struct image_source *source = calloc(1, sizeof(*source));
    if (source) {
        source->base = (struct cramfs_source){read_file, free_source, tree->sources, NULL};
        source->inflater = cramfs_inflater_create();
        tree->sources = &source->base;
    }
    if (source && source->inflater)
        return source;
    cramfs_fail_memory(diags);
    return NULL;
}

/* The image being read, and which parts of it to take. */
struct image_reading {
    struct cramfs_tree *tree;
    const char *path;
    struct image_source *source;
    unsigned jobs;
    struct cramfs_survey survey;
    struct source_damage damage;
};

static int check_as(struct image_reading *reading, uint32_t page_size)
{
    cramfs_survey_free(&reading->survey);
    damage_free(&reading->damage);
    reading->survey = (struct cramfs_survey){0};
    reading->damage = (struct source_damage){.path = reading->path,
                                             .allowed = reading->tree->allow &
                                                        CRAMFS_LOSS_BIT(CRAMFS_LOSS_DAMAGED)};
    reading->source->image.page_size = page_size;
    return damage_find(&reading->source->image, &reading->survey, reading->jobs, &reading->damage);
}

/*
 * Uses the page size that opening has found; if the image has errors with it, the wanted one. No
 * other is tried: a damaged pointer can make an image look like a sound one with larger pages.
 */
static int check_image(struct image_reading *reading)
{
    uint32_t found = reading->source->image.page_size;
    uint32_t wanted = reading->tree->page_size;
    int error = check_as(reading, found);
    if (error || !reading->damage.errors || !wanted || wanted == found)
        return error;
    error = check_as(reading, wanted);
    return error || !reading->damage.errors ? error : check_as(reading, found);
}

struct vendor {
    const char *path;
    struct cramfs_diags *diags;
};

static void refuse_vendor(void *context, const struct cramfs_finding *finding)
{
    const struct vendor *vendor = context;
    cramfs_fail(vendor->diags, CRAMFS_ERR_FORMAT, vendor->path, "%s [%s]", finding->text,
                cramfs_rule_info(finding->rule)->name);
}

static int take_image(struct image_reading *reading, struct cramfs_diags *diags)
{
    const struct image_source *source = reading->source;
    struct vendor vendor = {reading->path, diags};
    const struct cramfs_listener listener = {refuse_vendor, &vendor};
    if (cramfs_check_vendor(&source->image, &listener))
        return -CRAMFS_ERR_FORMAT;
    if (check_image(reading) != 0)
        return cramfs_fail_memory(diags);
    const struct entries_source entries = {
        .tree = reading->tree,
        .image = &source->image,
        .survey = &reading->survey,
        .damage = &reading->damage,
        .inflater = source->inflater,
        .bytes = &source->base,
        .diags = diags,
    };
    int error = damage_report(&reading->damage, diags);
    return error ? error : entries_take(&entries);
}

static int take(struct cramfs_tree *tree, const char *path, struct image_source *source,
                unsigned jobs, struct cramfs_diags *diags)
{
    struct image_reading reading = {.tree = tree, .path = path, .source = source, .jobs = jobs};
    int error = take_image(&reading, diags);
    cramfs_survey_free(&reading.survey);
    damage_free(&reading.damage);
    return error;
}

static int read_named(struct cramfs_tree *tree, const char *path,
                      const struct cramfs_open_options *options, unsigned jobs,
                      struct cramfs_diags *diags)
{
    struct cramfs_diags found = {0};
    struct image_source *source = create_source(tree, diags);
    if (!source)
        return -CRAMFS_ERR_MEMORY;
    int error = cramfs_image_open(path, options, &source->image, &found);
    diags_pass_on(&found, path, CRAMFS_NOTE, diags);
    cramfs_diags_free(&found);
    return error ? error : take(tree, path, source, jobs, diags);
}

/* Reads an image in a file of our own, which nobody makes shorter. */
static int read_kept(struct cramfs_tree *tree, const char *path, int kept, uint64_t size,
                     unsigned jobs, struct cramfs_diags *diags)
{
    const struct cramfs_open_options options = {0};
    struct cramfs_diags found = {0};
    struct image_source *source = create_source(tree, diags);
    if (!source)
        return -CRAMFS_ERR_MEMORY;
    source->mapping_size = (size_t)size;
    void *bytes = size == (size_t)size ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, kept, 0)
                                       : MAP_FAILED;
    if (bytes == MAP_FAILED)
        return cramfs_fail(diags, CRAMFS_ERR_MEMORY, path,
                           "cannot read the image: there is no memory for %" PRIu64 " bytes", size);
    source->mapping = bytes;
    int error = cramfs_image_open_memory(bytes, size, &options, &source->image, &found);
    diags_pass_on(&found, path, CRAMFS_NOTE, diags);
    cramfs_diags_free(&found);
    return error ? error : take(tree, path, source, jobs, diags);
}

int cramfs_tree_read_image(struct cramfs_tree *tree, const char *path,
                           const struct cramfs_open_options *given, unsigned jobs,
                           struct cramfs_diags *diags)
{
    struct cramfs_open_options options = {0};
    if (given)
        options_copy(&options, sizeof(options), given);
    int error = layers_begin(tree, path, diags);
    if (!error)
        error = read_named(tree, path, &options, jobs, diags);
    if (!error)
        error = part_end(tree, path, diags);
    return error ? error : whiteouts_end_source(tree, path, diags);
}

struct image_reader {
    struct archive_images base;
    unsigned jobs;
};

static int read_found(const struct archive_images *images, struct cramfs_tree *tree,
                      const char *path, uint64_t offset, int kept, uint64_t size,
                      struct cramfs_diags *diags)
{
    const struct image_reader *reader = (const struct image_reader *)images;
    const struct cramfs_open_options options = {.offset = offset, .stream = true};
    return kept < 0 ? read_named(tree, path, &options, reader->jobs, diags)
                    : read_kept(tree, path, kept, size, reader->jobs, diags);
}

int cramfs_tree_read_file(struct cramfs_tree *tree, const char *path, unsigned jobs,
                          struct cramfs_diags *diags)
{
    const struct image_reader reader = {{read_found}, jobs};
    return read_archive_or_image(tree, path, &reader.base, diags);
}
