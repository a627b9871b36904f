#include "tree/layers/layers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/remedy.h"
#include "tree/layers/part.h"
#include "tree/path.h"
#include "tree/put.h"
#include "tree/resolve.h"

struct cramfs_layer_name {
    uint32_t layer;
    char *path; /* of the source */
};

int layers_begin(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags)
{
    tree->layer++;
    part_begin(tree);
    if (!ARRAY_GROW(tree, layer_names))
        return cramfs_fail_memory(diags);
    struct cramfs_layer_name *name = &tree->layer_names[tree->layer_names_count];
    *name = (struct cramfs_layer_name){tree->layer, strdup(path)};
    if (!name->path)
        return cramfs_fail_memory(diags);
    tree->layer_names_count++;
    return 0;
}

void layers_end(struct cramfs_tree *tree)
{
    tree->layer++;
}

void layers_free(struct cramfs_tree *tree)
{
    for (size_t i = 0; i < tree->layer_names_count; i++)
        free(tree->layer_names[i].path);
    free(tree->layer_names);
}

/* The source that a layer is of. What the program that uses the library puts has none. */
static const char *name_of(const struct cramfs_tree *tree, uint32_t layer)
{
    for (size_t i = tree->layer_names_count; i-- > 0;) {
        if (tree->layer_names[i].layer == layer)
            return tree->layer_names[i].path;
    }
    return "what came before";
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
     * A source may have many entries behind one link, and a link a long way to go: the way is gone
     * once for each source.
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

/* What is put, over what. */
struct layers_laying {
    struct cramfs_tree *tree;
    struct cramfs_diags *diags;
    const struct cramfs_node *node;
    uint32_t mode;  /* that it is to have, */
    uint32_t was;   /* and has had, */
    uint32_t layer; /* from this layer */
};

static int report_loss(const struct layers_laying *laying, const char *lost)
{
    const struct cramfs_tree *tree = laying->tree;
    bool allowed = tree->allow & CRAMFS_LOSS_BIT(CRAMFS_LOSS_REPLACE);
    char layer[256];
    char below[256];
    const char *name = name_of(tree, tree->layer);
    const char *earlier = name_of(tree, laying->layer);
    int error = cramfs_node_report(
        laying->diags, allowed ? CRAMFS_WARNING : CRAMFS_ERROR, CRAMFS_ERR_FORMAT, laying->node,
        "is %s in %s and %s in %s: %s%s", kind_of(laying->mode),
        cramfs_escape(name, strlen(name), layer, sizeof(layer)), kind_of(laying->was),
        cramfs_escape(earlier, strlen(earlier), below, sizeof(below)), lost,
        allowed ? "" : "; leave one of them out");
    return allowed ? 0
                   : with_remedy(error, laying->diags, CRAMFS_REMEDY_ALLOW_SOURCE,
                                 cramfs_loss_names()[CRAMFS_LOSS_REPLACE]);
}

/* A path in a sentence. */
static const char *show_path(const struct cramfs_node *node, char shown[256])
{
    char *path = cramfs_node_path(node);
    cramfs_escape(path ? path : "", path ? strlen(path) : 0, shown, 256);
    free(path);
    return shown;
}

static int report_dropped(struct layers_laying *laying, const struct dropped *dropped)
{
    char first[256];
    char lost[400];
    snprintf(lost, sizeof(lost), "%" PRIu64 " entries in it %s lost, such as %s", dropped->count,
             laying->tree->allow & CRAMFS_LOSS_BIT(CRAMFS_LOSS_REPLACE) ? "are" : "would be",
             show_path(dropped->last, first));
    laying->layer = dropped->last->layer;
    return report_loss(laying, lost);
}

/* Losses that are known before anything is put. */
static int report_replaced(const struct layers_laying *laying, const struct cramfs_node *leads_to)
{
    bool is_directory = S_ISDIR(laying->mode);
    char end[256];
    char lost[400];
    if (is_directory && S_ISLNK(laying->was))
        return report_loss(laying, "the link leads to no directory of the tree, and is lost");
    if (is_directory)
        return report_loss(laying, "that would be lost");
    snprintf(lost, sizeof(lost), "the link leads to %s, and what is there would not be found by it",
             show_path(leads_to, end));
    return report_loss(laying, lost);
}

/* With whiteouts a device may be one, which says that all in its place is deleted. */
static bool may_be_whiteout(const struct cramfs_tree *tree, uint32_t mode)
{
    return tree->whiteouts && S_ISCHR(mode);
}

/* Whether an entry over `node`, or over where it leads to, takes more than a name's place. */
static bool is_loss(const struct cramfs_tree *tree, const struct cramfs_node *node,
                    const struct cramfs_node *found, uint32_t mode)
{
    if (!found || !is_earlier(tree, node) || may_be_whiteout(tree, mode))
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
    struct layers_laying laying = {.tree = tree, .diags = diags, .node = there, .mode = mode};
    if (there) {
        laying.was = there->mode;
        laying.layer = there->layer;
    }
    if (is_loss(tree, there, found, mode))
        error = report_replaced(&laying, found);
    if (S_ISDIR(mode) && found && S_ISDIR(found->mode)) {
        parent = found->parent;
        name = found->name;
    }
    *node = tree_put(tree, parent, name, mode, &dropped);
    if (!*node)
        return cramfs_fail_memory(diags);
    if (dropped.count && !may_be_whiteout(tree, mode))
        error = report_dropped(&laying, &dropped);
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

/* The way as far as it is there, and then the names that are left. */
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
    size_t done = 0; /* bytes of the path that have led to `at` */
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
