/*
 * build-from-memory IMAGE: an image of files that are nowhere but in memory. An example of the
 * library's building half: tree, plan, write.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/plan.h"

static const char motd[] = "This file was never on a disk.\n";
static unsigned char font[3 * 4096 + 1000]; /* to be read from where it lies in flash */

/* Paths may come in any order; the directories on the way are made. */
static int fill(struct cramfs_tree *tree, struct cramfs_diags *diags)
{
    struct cramfs_node *node;
    int error = cramfs_tree_put_file(tree, "etc/motd", 0644, motd, strlen(motd), diags, NULL);
    if (!error)
        error = cramfs_tree_put_link(tree, "etc/issue", "motd", diags, NULL);
    if (!error)
        error = cramfs_tree_put_file(tree, "share/font", 0444, font, sizeof(font), diags, &node);
    if (!error) {
        node->xip = CRAMFS_XIP_FILE;
        error = cramfs_tree_put_path(tree, "dev/console", S_IFCHR | 0600, diags, &node);
    }
    if (!error) {
        node->major = 5;
        node->minor = 1;
    }
    if (!error && cramfs_tree_finish(tree) != 0)
        error = cramfs_fail_memory(diags);
    return error;
}

/* The image of a tree, in memory that the caller frees. NULL, and diagnostics, when there is none.
 */
static unsigned char *build(struct cramfs_tree *tree, uint64_t *size, struct cramfs_diags *diags)
{
    struct cramfs_plan_options options;
    struct cramfs_plan *plan = NULL;
    unsigned char *image = NULL;
    cramfs_plan_options_init(&options);
    options.name = "memory";
    if (cramfs_plan_create(tree, &options, diags, &plan) != 0)
        return NULL;
    *size = cramfs_plan_summary(plan)->image_size;
    image = malloc(*size);
    if (!image)
        cramfs_fail_memory(diags);
    if (image && cramfs_plan_write_memory(plan, image, diags) != 0) {
        free(image);
        image = NULL;
    }
    cramfs_plan_free(plan);
    return image;
}

static int save(const char *path, const unsigned char *image, uint64_t size)
{
    FILE *out = fopen(path, "wb");
    int failed = !out || fwrite(image, 1, size, out) != size;
    if (out && fclose(out) != 0)
        failed = 1;
    if (failed)
        perror(path);
    return failed;
}

int main(int argc, char **argv)
{
    struct cramfs_diags diags = {0}; /* the library does not print, so the caller does */
    unsigned char *image = NULL;
    uint64_t size = 0;
    if (argc != 2) {
        fprintf(stderr, "usage: build-from-memory IMAGE\n");
        return 16;
    }
    for (size_t i = 0; i < sizeof(font); i++)
        font[i] = (unsigned char)(i * i >> 3);
    struct cramfs_tree *tree = cramfs_tree_create();
    if (!tree)
        cramfs_fail_memory(&diags);
    else if (fill(tree, &diags) == 0)
        image = build(tree, &size, &diags);
    for (size_t i = 0; i < diags.list_count; i++)
        fprintf(stderr, "%s: %s\n", diags.list[i].path ? diags.list[i].path : argv[1],
                diags.list[i].text);
    int code = image && save(argv[1], image, size) == 0 ? 0 : 8;
    free(image);
    cramfs_tree_free(tree);
    cramfs_diags_free(&diags);
    return code;
}
