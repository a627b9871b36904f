#include "cramfs/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "format/bytes.h"

static struct cramfs_node *node_create(struct cramfs_node *parent, const char *name)
{
    struct cramfs_node *node = calloc(1, sizeof(*node));
    if (!node)
        return NULL;
    node->parent = parent;
    node->name = strdup(name);
    if (!node->name) {
        free(node);
        return NULL;
    }
    return node;
}

static void node_free(struct cramfs_node *node)
{
    free(node->children);
    free(node->target);
    free(node->name);
    free(node);
}

struct cramfs_tree *cramfs_tree_create(void)
{
    struct cramfs_tree *tree = calloc(1, sizeof(*tree));
    if (!tree)
        return NULL;
    tree->root = node_create(NULL, "");
    if (!tree->root) {
        free(tree);
        return NULL;
    }
    tree->root->mode = S_IFDIR | 0755;
    return tree;
}

/* Frees without recursion: a child is detached and freed before its parent, however deep. */
static void free_nodes(struct cramfs_node *node)
{
    while (node) {
        if (node->children_count) {
            node = node->children[--node->children_count];
            continue;
        }
        struct cramfs_node *parent = node->parent;
        node_free(node);
        node = parent;
    }
}

void cramfs_tree_free(struct cramfs_tree *tree)
{
    if (!tree)
        return;
    free_nodes(tree->root);
    while (tree->sources) {
        struct cramfs_source *source = tree->sources;
        tree->sources = source->next;
        source->free(source);
    }
    free(tree->nodes);
    free(tree);
}

struct cramfs_node *cramfs_tree_add(struct cramfs_node *parent, const char *name)
{
    if (!ARRAY_GROW(parent, children))
        return NULL;
    struct cramfs_node *node = node_create(parent, name);
    if (node)
        parent->children[parent->children_count++] = node;
    return node;
}

/*
 * Names in the order that cramfs_lookup() counts on under SORTED_DIRS: by unsigned bytes, so that
 * it may stop at the first name that is greater.
 */
static int compare_names(const void *first, const void *second)
{
    const struct cramfs_node *const *a = first;
    const struct cramfs_node *const *b = second;
    return strcmp((*a)->name, (*b)->name); /* C11 7.24.4: compares as unsigned char */
}

/* The next node in path order, or NULL: down, else to the next sibling of the nearest ancestor. */
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
        if (node->children_count)
            qsort(node->children, node->children_count, sizeof(struct cramfs_node *),
                  compare_names);
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

void cramfs_tree_all_root(struct cramfs_tree *tree)
{
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        tree->nodes[i]->uid = 0;
        tree->nodes[i]->gid = 0;
    }
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

int cramfs_node_fail(struct cramfs_diags *diags, enum cramfs_error code,
                     const struct cramfs_node *node, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    char *path = cramfs_node_path(node);
    cramfs_fail(diags, code, path, "%s", text ? text : "out of memory");
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
    for (size_t i = 0; i < directory->children_count; i++)
        size += CRAMFS_INODE_SIZE + cramfs_name_length(directory->children[i]->name);
    return size;
}
