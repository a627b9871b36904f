#include "tree/layers/whiteouts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/remedy.h"
#include "tree/layers/layers.h"

static const char prefix[] = ".wh.";
static const char opaque[] = ".wh..wh..opq";

bool whiteouts_is_opaque(const char *name, const void *value, size_t length)
{
    return (strcmp(name, "trusted.overlay.opaque") == 0 ||
            strcmp(name, "user.overlay.opaque") == 0) &&
           length == 1 && memcmp(value, "y", 1) == 0;
}

static bool is_named(const struct cramfs_node *node)
{
    return !S_ISDIR(node->mode) && strncmp(node->name, prefix, strlen(prefix)) == 0;
}

static bool is_device(const struct cramfs_node *node)
{
    return S_ISCHR(node->mode) && !node->major && !node->minor;
}

static bool is_mark(const struct cramfs_tree *tree, const struct cramfs_node *node)
{
    return !node->removed && node->layer == tree->layer &&
           (is_named(node) || is_device(node) || node->opaque);
}

/* The state of each node, by its serial. */
enum {
    KEPT = 1,   /* it is in this layer, or something below it is */
    BELOW = 2,  /* all below it is deleted */
    WHOLLY = 4, /* so is the node itself */
};

/* An opaque directory still belongs to the layer; all other whiteouts only mark. */
static void apply_mark(const struct cramfs_tree *tree, struct cramfs_node *node,
                       unsigned char *states)
{
    if (node->opaque)
        states[node->serial] |= BELOW;
    if (strcmp(node->name, opaque) == 0) {
        states[node->parent->serial] |= BELOW;
    } else if (is_named(node)) {
        const char *name = node->name + strlen(prefix);
        const struct cramfs_node *subject = cramfs_tree_find(tree, node->parent, name);
        if (subject)
            states[subject->serial] |= BELOW | WHOLLY;
    }
    if (!node->opaque)
        cramfs_tree_remove(node);
}

static uint64_t count_nodes(const struct cramfs_tree *tree)
{
    uint64_t count = 0;
    for (const struct cramfs_node *node = NULL; (node = cramfs_tree_next(tree, node));)
        count = (uint64_t)node->serial + 1;
    return count;
}

/* Parents are made before their children, so backwards a node is kept when a child is. */
static void keep_layer(struct cramfs_node **nodes, uint64_t count, uint32_t layer,
                       unsigned char *states)
{
    for (uint64_t i = count; i-- > 0;) {
        const struct cramfs_node *node = nodes[i];
        if (!node || node->removed)
            continue;
        if (node->layer == layer ||
            node->through == layer) /* the layer names it, or goes through it */
            states[i] |= KEPT;
        if (states[i] & KEPT && node->parent)
            states[node->parent->serial] |= KEPT;
    }
}

/* Forwards, a node is deleted when its parent is. */
static void delete_rest(struct cramfs_node **nodes, uint64_t count, unsigned char *states)
{
    for (uint64_t i = 0; i < count; i++) {
        struct cramfs_node *node = nodes[i];
        if (!node || !node->parent || node->removed)
            continue;
        if (states[node->parent->serial] & BELOW)
            states[i] |= BELOW | WHOLLY;
        if (states[i] & WHOLLY && !(states[i] & KEPT))
            cramfs_tree_remove(node);
    }
}

static int apply(struct cramfs_tree *tree)
{
    uint64_t count = count_nodes(tree);
    struct cramfs_node **nodes = calloc((size_t)count, sizeof(struct cramfs_node *));
    unsigned char *states = calloc((size_t)count, 1);
    bool made = nodes && states;
    for (struct cramfs_node *node = NULL; made && (node = cramfs_tree_next(tree, node));)
        nodes[node->serial] = node;
    for (uint64_t i = 0; made && i < count; i++) {
        if (nodes[i] && is_mark(tree, nodes[i]))
            apply_mark(tree, nodes[i], states);
    }
    if (made) {
        keep_layer(nodes, count, tree->layer, states);
        delete_rest(nodes, count, states);
    }
    free(nodes);
    free(states);
    return made ? 0 : -CRAMFS_ERR_MEMORY;
}

static void warn(const char *path, const struct cramfs_node *first, uint64_t count,
                 struct cramfs_diags *diags)
{
    char *name = cramfs_node_path(first);
    char shown[512];
    cramfs_report(
        diags, CRAMFS_WARNING, CRAMFS_ERR_USAGE, path,
        "%" PRIu64 " entries mark files as deleted, and are packed as they are; the first is %s",
        count, cramfs_escape(name ? name : "", name ? strlen(name) : 0, shown, sizeof(shown)));
    with_remedy(0, diags, CRAMFS_REMEDY_WHITEOUTS, NULL);
    free(name);
}

int whiteouts_end_source(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags)
{
    const struct cramfs_node *first = NULL;
    uint64_t count = 0;
    int error = 0;
    for (const struct cramfs_node *node = NULL; (node = cramfs_tree_next(tree, node));) {
        if (!is_mark(tree, node))
            continue;
        first = first ? first : node;
        count++;
    }
    if (count && tree->whiteouts)
        error = apply(tree);
    else if (count)
        warn(path, first, count, diags);
    int lost = layers_end(tree, diags);
    return error ? cramfs_fail_memory(diags) : lost;
}
