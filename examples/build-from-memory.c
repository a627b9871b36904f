/*
 * build-from-memory IMAGE: builds an image of files that are only in memory. An example of building
 * with the library: fill a tree, build.
 */
#include <cramfs/cramfs.h>

#include <string.h>
#include <sys/stat.h>

static const char motd[] = "This file was never on a disk.\n";
static unsigned char font[3 * 4096 + 1000]; /* to be read directly from flash */

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
    return error;
}

int main(int argc, char **argv)
{
    struct cramfs_plan_options options;
    struct cramfs_diags diags = {0}; /* the library itself prints nothing */
    if (argc != 2) {
        fprintf(stderr, "usage: build-from-memory IMAGE\n");
        return 16;
    }
    for (size_t i = 0; i < sizeof(font); i++)
        font[i] = (unsigned char)(i * i >> 3);
    cramfs_plan_options_init(&options);
    options.name = "memory";
    struct cramfs_tree *tree = cramfs_tree_create();
    int error = tree ? fill(tree, &diags) : cramfs_fail_memory(&diags);
    if (!error)
        error = cramfs_build_file(tree, &options, argv[1], &diags);
    cramfs_diags_print(&diags, stderr, "build-from-memory", CRAMFS_NOTE, NULL);
    cramfs_tree_free(tree);
    cramfs_diags_free(&diags);
    return error ? 8 : 0;
}
