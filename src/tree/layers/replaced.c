#include "tree/layers/replaced.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/remedy.h"
#include "tree/layers/names.h"

static const char *kind_of(uint32_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "a regular file";
    case S_IFDIR:
        return "a directory";
    case S_IFLNK:
        return "a symbolic link";
    case S_IFCHR:
    case S_IFBLK:
        return "a device";
    case S_IFIFO:
        return "a fifo";
    case S_IFSOCK:
        return "a socket";
    default:
        return "something";
    }
}

static bool is_allowed(const struct replacing *replacing)
{
    return replacing->own || replacing->tree->allow & CRAMFS_LOSS_BIT(CRAMFS_LOSS_REPLACE);
}

static int report(const struct replacing *replacing, const char *lost)
{
    const struct cramfs_tree *tree = replacing->tree;
    bool allowed = is_allowed(replacing);
    char layer[256];
    char below[256];
    const char *name = layer_names_get(tree, tree->layer);
    const char *earlier = layer_names_get(tree, replacing->layer);
    int error = cramfs_node_report(
        replacing->diags, allowed ? CRAMFS_ALLOWED : CRAMFS_ERROR, CRAMFS_ERR_FORMAT,
        replacing->node, "is %s in %s and %s in %s: %s%s", kind_of(replacing->mode),
        cramfs_escape(name, strlen(name), layer, sizeof(layer)), kind_of(replacing->was),
        cramfs_escape(earlier, strlen(earlier), below, sizeof(below)), lost,
        allowed ? "" : "; leave out one of the two");
    return allowed ? 0
                   : with_remedy(error, replacing->diags, CRAMFS_REMEDY_ALLOW_SOURCE,
                                 cramfs_loss_names()[CRAMFS_LOSS_REPLACE]);
}

static int report_or_wait(const struct replacing *replacing, const char *lost)
{
    struct cramfs_tree *tree = replacing->tree;
    if (!replacing->may_be_whiteout)
        return report(replacing, lost);
    if (!ARRAY_GROW(tree, layer_losses))
        return cramfs_fail_memory(replacing->diags);
    struct cramfs_layer_loss *loss = &tree->layer_losses[tree->layer_losses_count];
    *loss = (struct cramfs_layer_loss){*replacing, strdup(lost)};
    if (!loss->lost)
        return cramfs_fail_memory(replacing->diags);
    tree->layer_losses_count++;
    return 0;
}

/* A path for a message. */
static const char *show_path(const struct cramfs_node *node, char shown[256])
{
    char *path = cramfs_node_path(node);
    cramfs_escape(path ? path : "", path ? strlen(path) : 0, shown, 256);
    free(path);
    return shown;
}

int replaced_report_dropped(struct replacing *replacing, const struct dropped *dropped)
{
    char first[256];
    char lost[400];
    replacing->own = !dropped->earlier && layer_names_has(replacing->tree);
    snprintf(lost, sizeof(lost), "%" PRIu64 " entries in it %s lost, for example %s",
             dropped->count, is_allowed(replacing) ? "are" : "would be",
             show_path(dropped->last, first));
    replacing->layer = dropped->last->layer;
    return report_or_wait(replacing, lost);
}

int replaced_report(const struct replacing *replacing, const struct cramfs_node *leads_to)
{
    bool is_directory = S_ISDIR(replacing->mode);
    char end[256];
    char lost[400];
    if (is_directory && S_ISLNK(replacing->was))
        return report(replacing, "the link does not lead to a directory of the tree, and is lost");
    if (is_directory)
        return report(replacing, "the earlier one would be lost");
    snprintf(lost, sizeof(lost),
             "the link leads to %s, and files there could no longer be found through it",
             show_path(leads_to, end));
    return report_or_wait(replacing, lost);
}

int replaced_settle(struct cramfs_tree *tree, struct cramfs_diags *diags)
{
    int result = 0;
    for (size_t i = 0; i < tree->layer_losses_count; i++) {
        struct cramfs_layer_loss *loss = &tree->layer_losses[i];
        loss->replacing.diags = diags;
        int error = loss->replacing.node->removed ? 0 : report(&loss->replacing, loss->lost);
        result = error ? error : result;
    }
    layer_losses_free(tree);
    return result;
}
