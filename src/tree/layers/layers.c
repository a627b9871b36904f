#include "tree/layers/layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tree/layers/names.h"
#include "tree/layers/part.h"
#include "tree/layers/replaced.h"
#include "tree/layers/waiting.h"
#include "tree/path.h"
#include "tree/resolve.h"

int layers_begin(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags)
{
    tree->layer++;
    part_begin(tree);
    layer_losses_free(tree);
    return layer_names_add(tree, path, diags);
}

int layers_end(struct cramfs_tree *tree, struct cramfs_diags *diags)
{
    int error = replaced_settle(tree, diags);
    tree->layer++;
    return error;
}

static bool is_earlier(const struct cramfs_tree *tree, const struct cramfs_node *node)
{
    return node->layer != tree->layer;
}

struct cramfs_node *layers_follow(const struct cramfs_tree *tree, struct cramfs_node *node)
{
    if (!node || !S_ISLNK(node->mode) || !is_earlier(tree, node))
        return node;
    /*
     * A source may have many entries below one link, and a link a long way to go: each link is
     * followed once for each source.
     */
    if (node->through != tree->layer || (node->leads_to && node->leads_to->removed)) {
        struct cramfs_node *end = node;
        if (resolve_link(tree, NULL, &end) != 0 || !end || !S_ISDIR(end->mode))
            end = NULL;
        node->leads_to = end;
        node->through = tree->layer;
    }
    bool leads = node->leads_to && S_ISDIR(node->leads_to->mode);
    return leads ? node->leads_to : node;
}

/* With whiteouts, a device of a source may be one: it deletes the entry in its place. */
static bool may_be_whiteout(const struct cramfs_tree *tree, uint32_t mode)
{
    return tree->whiteouts && S_ISCHR(mode) && layer_names_has(tree);
}

/*
 * Whether an entry over `node`, or over the directory that it leads to, removes more than one name.
 */
static bool is_loss(const struct cramfs_tree *tree, const struct cramfs_node *node,
                    const struct cramfs_node *found, uint32_t mode)
{
    if (!found || !is_earlier(tree, node))
        return false;
    if (S_ISDIR(mode))
        return !S_ISDIR(found->mode);
    return found != node && !S_ISLNK(mode);
}

int layers_put(struct cramfs_tree *tree, struct cramfs_node *parent, const char *name,
               uint32_t mode, struct cramfs_diags *diags, struct cramfs_node **node)
{
    struct cramfs_node *there = cramfs_tree_find(tree, parent, name);
    struct cramfs_node *found = layers_follow(tree, there);
    struct dropped dropped = {0};
    int error = 0;
    if (S_ISDIR(mode) && found && S_ISDIR(found->mode) && !found->parent) {
        found->mode = mode;
        *node = found;
        return 0;
    }
    struct replacing replacing = {.tree = tree,
                                  .diags = diags,
                                  .node = there,
                                  .mode = mode,
                                  .was = there ? there->mode : 0,
                                  .layer = there ? there->layer : 0,
                                  .may_be_whiteout = may_be_whiteout(tree, mode)};
    if (is_loss(tree, there, found, mode))
        error = replaced_report(&replacing, found);
    if (S_ISDIR(mode) && found && S_ISDIR(found->mode)) {
        parent = found->parent;
        name = found->name;
    }
    *node = tree_put(tree, parent, name, mode, &dropped);
    if (!*node)
        return cramfs_fail_memory(diags);
    /* It may remove what the program that uses the library has put. */
    if (dropped.count && (dropped.earlier || layer_names_has(tree)))
        error = replaced_report_dropped(&replacing, &dropped);
    return error;
}

struct cramfs_node *layers_lookup(const struct cramfs_tree *tree, const char *path)
{
    char *copy = strdup(path);
    struct cramfs_node *at = copy ? tree->root : NULL;
    char *rest = copy;
    for (char *name; at && (name = path_next(&rest));)
        at = cramfs_tree_find(tree, layers_follow(tree, at), name);
    free(copy);
    return at;
}

/* Joins the path as far as it exists and the remaining names. */
static char *join(const struct cramfs_node *at, const char *rest)
{
    char *way = cramfs_node_path(at);
    char *path = NULL;
    if (!way || asprintf(&path, "%s/%s", way, rest) < 0)
        path = NULL;
    free(way);
    return path;
}

char *layers_path(const struct cramfs_tree *tree, const char *path)
{
    char *copy = strdup(path);
    char *rest = copy;
    struct cramfs_node *at = copy ? tree->root : NULL;
    size_t done = 0; /* bytes of the path up to `at` */
    while (rest && strchr(rest, '/')) {
        char *name = path_next(&rest);
        struct cramfs_node *next = name ? cramfs_tree_find(tree, at, name) : NULL;
        next = layers_follow(tree, next);
        if (!next || !S_ISDIR(next->mode) || !rest)
            break;
        at = next;
        done = (size_t)(rest - copy);
    }
    char *joined = copy ? join(at, path + done) : NULL;
    free(copy);
    return joined;
}
