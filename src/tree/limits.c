#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/format.h"
#include "cramfs/tree.h"

static void check_owner(const struct cramfs_node *node, struct cramfs_diags *diags)
{
    if (node->uid > CRAMFS_MAX_UID)
        cramfs_node_fail(diags, CRAMFS_ERR_LIMIT, node,
                         "uid %" PRIu32
                         " is over the format's %u; chown it, or use -q (--all-root)",
                         node->uid, CRAMFS_MAX_UID);
    if (node->gid > CRAMFS_MAX_GID)
        cramfs_node_fail(diags, CRAMFS_ERR_LIMIT, node,
                         "gid %" PRIu32
                         " is over the format's %u; chgrp it, or use -q (--all-root)",
                         node->gid, CRAMFS_MAX_GID);
}

static void check_name(const struct cramfs_node *node, struct cramfs_diags *diags)
{
    size_t length = strlen(node->name);
    if (length > CRAMFS_MAX_NAME)
        cramfs_node_fail(diags, CRAMFS_ERR_LIMIT, node,
                         "the name has %zu bytes, over the format's %u; rename it", length,
                         CRAMFS_MAX_NAME);
}

static void check_device(const struct cramfs_node *node, struct cramfs_diags *diags)
{
    if (node->major > CRAMFS_MAX_DEVICE || node->minor > CRAMFS_MAX_DEVICE)
        cramfs_node_fail(diags, CRAMFS_ERR_LIMIT, node,
                         "device %" PRIu32 ":%" PRIu32 " has a number over the format's %u; "
                         "leave it to devtmpfs",
                         node->major, node->minor, CRAMFS_MAX_DEVICE);
}

static void check_directory(const struct cramfs_node *node, struct cramfs_diags *diags)
{
    uint64_t size = cramfs_directory_size(node);
    if (size > CRAMFS_MAX_FILE_SIZE)
        cramfs_node_fail(diags, CRAMFS_ERR_LIMIT, node,
                         "its %zu entries take %" PRIu64 " bytes, over the format's %u; "
                         "spread them over subdirectories",
                         node->children_count, size, CRAMFS_MAX_FILE_SIZE);
}

static void check_file(const struct cramfs_node *node, struct cramfs_diags *diags)
{
    if (node->size > CRAMFS_MAX_FILE_SIZE)
        cramfs_node_fail(diags, CRAMFS_ERR_LIMIT, node,
                         "the file has %" PRIu64 " bytes, over the format's %u (16 MiB - 1); "
                         "split it, or keep it on another file system",
                         node->size, CRAMFS_MAX_FILE_SIZE);
}

static void check_link(const struct cramfs_node *node, uint32_t page_size,
                       struct cramfs_diags *diags)
{
    if (node->size > page_size - 1)
        cramfs_node_fail(diags, CRAMFS_ERR_LIMIT, node,
                         "the link's target has %" PRIu64 " bytes, over the %" PRIu32
                         " that the kernel reads; shorten it",
                         node->size, page_size - 1);
}

static void check_node(const struct cramfs_node *node, uint32_t page_size,
                       struct cramfs_diags *diags)
{
    check_owner(node, diags);
    check_name(node, diags);
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        check_file(node, diags);
        break;
    case S_IFDIR:
        check_directory(node, diags);
        break;
    case S_IFLNK:
        check_link(node, page_size, diags);
        break;
    case S_IFCHR:
    case S_IFBLK:
        check_device(node, diags);
        break;
    default: /* sockets and fifos have nothing more */
        break;
    }
}

int cramfs_tree_check_limits(const struct cramfs_tree *tree, uint32_t page_size,
                             struct cramfs_diags *diags)
{
    struct cramfs_diags own = {0};
    if (!diags)
        diags = &own;
    size_t before = diags->errors;
    for (uint32_t i = 0; i < tree->nodes_count; i++)
        check_node(tree->nodes[i], page_size, diags);
    size_t found = diags->errors - before;
    cramfs_diags_free(&own);
    return found ? -CRAMFS_ERR_LIMIT : 0;
}
