#include "cramfs/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/hash.h"
#include "format/bytes.h"
#include "tree/layers/names.h"
#include "tree/layers/waiting.h"
#include "tree/put.h"

/* Every node ever made, found by parent and name, and freed together. */
struct cramfs_tree_index {
    struct hash_index by_name;
    struct cramfs_node **all;
    size_t all_count;
    size_t all_capacity;
};

static uint64_t hash_name(const struct cramfs_node *parent, const char *name)
{
    return hash_bytes(name, strlen(name), parent->serial);
}

static struct cramfs_node *node_create(struct cramfs_tree *tree, struct cramfs_node *parent,
                                       const char *name)
{
    struct cramfs_tree_index *index = tree->index;
    if (!ARRAY_GROW(index, all))
        return NULL;
    /* The name follows the node: one allocation less for each node. */
    size_t name_size = strlen(name) + 1;
    struct cramfs_node *node = calloc(1, sizeof(*node) + name_size);
    if (!node)
        return NULL;
    node->name = memcpy(node + 1, name, name_size);
    node->parent = parent;
    node->serial = (uint32_t)index->all_count;
    index->all[index->all_count++] = node; /* from now on the tree frees it */
    if (parent && hash_index_add(&index->by_name, hash_name(parent, name), node->serial) != 0)
        return NULL;
    return node;
}

struct cramfs_tree *cramfs_tree_create(void)
{
    struct cramfs_tree *tree = calloc(1, sizeof(*tree));
    if (!tree)
        return NULL;
    tree->index = calloc(1, sizeof(*tree->index));
    if (tree->index)
        tree->root = node_create(tree, NULL, "");
    if (!tree->root) {
        cramfs_tree_free(tree);
        return NULL;
    }
    tree->root->mode = S_IFDIR | 0755;
    tree->layer = 1;
    tree->most_bytes = CRAMFS_DEFAULT_MOST_BYTES;
    tree->allow = CRAMFS_LOSS_BIT(CRAMFS_LOSS_XATTR);
    return tree;
}

static void index_free(struct cramfs_tree_index *index)
{
    for (size_t i = 0; i < index->all_count; i++) {
        free(index->all[i]->children);
        free(index->all[i]->target);
        free(index->all[i]);
    }
    free(index->all);
    hash_index_free(&index->by_name);
    free(index);
}

void cramfs_tree_free(struct cramfs_tree *tree)
{
    if (!tree)
        return;
    if (tree->index)
        index_free(tree->index);
    while (tree->sources) {
        struct cramfs_source *source = tree->sources;
        tree->sources = source->next;
        source->free(source);
    }
    layer_names_free(tree);
    layer_losses_free(tree);
    free(tree->parting.first);
    free(tree->nodes);
    free(tree);
}

struct wanted_node_name {
    const struct cramfs_tree_index *index;
    const struct cramfs_node *parent;
    const char *name;
};

static bool has_name(void *context, uint32_t serial)
{
    const struct wanted_node_name *wanted = context;
    const struct cramfs_node *node = wanted->index->all[serial];
    return !node->removed && node->parent == wanted->parent &&
           strcmp(node->name, wanted->name) == 0;
}

struct cramfs_node *cramfs_tree_find(const struct cramfs_tree *tree,
                                     const struct cramfs_node *parent, const char *name)
{
    const struct cramfs_tree_index *index = tree->index;
    struct wanted_node_name wanted = {index, parent, name};
    uint32_t serial;
    bool found =
        hash_index_find(&index->by_name, hash_name(parent, name), has_name, &wanted, &serial);
    return found ? index->all[serial] : NULL;
}

static void count_dropped(const struct cramfs_node *node, uint32_t layer, struct dropped *dropped)
{
    if (node->removed)
        return;
    dropped->earlier |= node->layer != layer;
    dropped->count++;
    dropped->last = node;
}

/*
 * Removes all that is below a directory, however deep: down, mark, and back up. The nodes are
 * removed from the index, unless it is NULL: names that come and go would gather there.
 */
static void drop_children(struct cramfs_tree_index *index, struct cramfs_node *directory,
                          uint32_t layer, struct dropped *dropped)
{
    struct cramfs_node *at = directory;
    for (;;) {
        if (at->children_count) {
            at = at->children[--at->children_count];
            count_dropped(at, layer, dropped);
            at->removed = true;
            if (index)
                hash_index_remove(&index->by_name, hash_name(at->parent, at->name), at->serial);
        } else if (at == directory) {
            return;
        } else {
            at = at->parent;
        }
    }
}

void cramfs_tree_remove(struct cramfs_node *node)
{
    struct dropped dropped = {0};
    drop_children(NULL, node, 0, &dropped);
    node->removed = true; /* cramfs_tree_finish() removes it from its parent's list */
}

/* Clears all members but those that make it this node in this tree. */
static void reset(struct cramfs_tree_index *index, struct cramfs_node *node, uint32_t mode,
                  uint32_t layer, struct dropped *dropped)
{
    struct cramfs_node fresh = {
        .parent = node->parent,
        .name = node->name,
        .mode = mode,
        .children = node->children,
        .children_count = node->children_count,
        .children_capacity = node->children_capacity,
        .serial = node->serial,
        .layer = layer,
    };
    free(node->target);
    *node = fresh;
    if (!S_ISDIR(mode))
        drop_children(index, node, layer, dropped);
}

struct cramfs_node *tree_put(struct cramfs_tree *tree, struct cramfs_node *parent, const char *name,
                             uint32_t mode, struct dropped *dropped)
{
    struct cramfs_node *node = cramfs_tree_find(tree, parent, name);
    if (!node) {
        if (!ARRAY_GROW(parent, children))
            return NULL;
        node = node_create(tree, parent, name);
        if (!node)
            return NULL;
        parent->children[parent->children_count++] = node;
    }
    reset(tree->index, node, mode, tree->layer, dropped);
    return node;
}

struct cramfs_node *cramfs_tree_put(struct cramfs_tree *tree, struct cramfs_node *parent,
                                    const char *name, uint32_t mode)
{
    struct dropped dropped = {0};
    return tree_put(tree, parent, name, mode, &dropped);
}

/*
 * Sorts names as cramfs_lookup() needs them under SORTED_DIRS: by unsigned bytes, since it stops at
 * the first greater name.
 */
static int compare_names(const void *first, const void *second)
{
    const struct cramfs_node *const *a = first;
    const struct cramfs_node *const *b = second;
    return strcmp((*a)->name, (*b)->name); /* C11 7.24.4: compares as unsigned char */
}

/*
 * Sorts the children, without the removed ones. A tree may be finished several times, so most lists
 * are sorted already.
 */
static void sort_children(struct cramfs_node *directory)
{
    struct cramfs_node **children = directory->children;
    size_t kept = 0;
    bool sorted = true;
    for (size_t i = 0; i < directory->children_count; i++) {
        if (children[i]->removed)
            continue;
        children[kept++] = children[i];
        sorted =
            sorted && (kept < 2 || compare_names(&children[kept - 2], &children[kept - 1]) < 0);
    }
    directory->children_count = kept;
    if (!sorted)
        qsort(children, kept, sizeof(struct cramfs_node *), compare_names);
}

/* A directory on the way to the current node, and its next child to visit. */
struct position {
    const struct cramfs_node *node;
    size_t next_child;
};

static int list_nodes(struct cramfs_tree *tree)
{
    struct position *stack = NULL;
    size_t depth = 0;
    size_t stack_capacity = 0;
    size_t capacity = 0;
    size_t count = 0;
    struct cramfs_node *node = tree->root;

    while (node) {
        if (!array_reserve(&tree->nodes, sizeof(*tree->nodes), count, &capacity, 1) ||
            !array_reserve(&stack, sizeof(*stack), depth, &stack_capacity, 1)) {
            free(stack);
            return -CRAMFS_ERR_MEMORY;
        }
        node->number = (uint32_t)count;
        tree->nodes[count++] = node;
        sort_children(node);
        stack[depth++] = (struct position){node, 0};
        node = NULL;
        while (depth && !node) {
            struct position *top = &stack[depth - 1];
            if (top->next_child < top->node->children_count)
                node = top->node->children[top->next_child++];
            else
                depth--;
        }
    }
    free(stack);
    tree->nodes_count = (uint32_t)count;
    return 0;
}

int cramfs_tree_finish(struct cramfs_tree *tree)
{
    free(tree->nodes);
    tree->nodes = NULL;
    tree->nodes_count = 0;
    return list_nodes(tree);
}

struct cramfs_node *cramfs_tree_next(const struct cramfs_tree *tree, const struct cramfs_node *node)
{
    const struct cramfs_tree_index *index = tree->index;
    size_t at = node ? node->serial + (size_t)1 : 0;
    while (at < index->all_count && index->all[at]->removed)
        at++;
    return at < index->all_count ? index->all[at] : NULL;
}

char *cramfs_node_path(const struct cramfs_node *node)
{
    if (!node->parent)
        return strdup("/");
    size_t length = 0;
    for (const struct cramfs_node *at = node; at->parent; at = at->parent)
        length += 1 + strlen(at->name);
    char *path = malloc(length + 1);
    if (!path)
        return NULL;
    path[length] = '\0';
    for (const struct cramfs_node *at = node; at->parent; at = at->parent) {
        size_t name = strlen(at->name);
        length -= name;
        memcpy(path + length, at->name, name);
        path[--length] = '/';
    }
    return path;
}

int cramfs_node_report(struct cramfs_diags *diags, enum cramfs_severity severity,
                       enum cramfs_error code, const struct cramfs_node *node, const char *format,
                       ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    char *path = cramfs_node_path(node);
    cramfs_report(diags, severity, code, path, "%s", text ? text : "out of memory");
    free(path);
    free(text);
    return -(int)code;
}

uint32_t cramfs_name_length(const char *name)
{
    return (uint32_t)align_up(strlen(name), 4);
}

uint64_t cramfs_directory_size(const struct cramfs_node *directory)
{
    uint64_t size = 0;
    for (size_t i = 0; i < directory->children_count; i++) {
        if (!directory->children[i]->removed)
            size += CRAMFS_INODE_SIZE + cramfs_name_length(directory->children[i]->name);
    }
    return size;
}
