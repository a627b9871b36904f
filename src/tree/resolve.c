#include "tree/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * The number of links that Linux follows (MAXSYMLINKS): more are a loop. The format holds no target
 * of 64 KiB. A source may name the same path thousands of times, so the way must not be long.
 */
enum { MOST_LINKS = 40, MOST_BYTES = 1 << 16 };

/* The state of a walk: where it is, and the remaining components. */
struct resolve_walk {
    struct cramfs_node *at;
    char *path;   /* allocated */
    char *cursor; /* the rest of it, as strtok_r() keeps it */
    unsigned links;
    size_t bytes; /* of their targets */
};

/* Puts a link's target before the rest of the way. */
static int take_link(const struct cramfs_tree *tree, struct resolve_walk *walk,
                     const struct cramfs_node *link)
{
    const char *target = link->target ? link->target : "";
    walk->bytes += strlen(target);
    if (!*target || ++walk->links > MOST_LINKS || walk->bytes > MOST_BYTES) {
        walk->at = NULL;
        return 0;
    }
    char *joined;
    if (asprintf(&joined, "%s/%s", target, walk->cursor ? walk->cursor : "") < 0)
        return -CRAMFS_ERR_MEMORY;
    free(walk->path);
    walk->path = joined;
    walk->cursor = joined;
    if (*target == '/')
        walk->at = tree->root;
    return 0;
}

static int step(const struct cramfs_tree *tree, struct resolve_walk *walk, const char *name)
{
    if (!S_ISDIR(walk->at->mode)) {
        walk->at = NULL;
        return 0;
    }
    if (strcmp(name, ".") == 0)
        return 0;
    if (strcmp(name, "..") == 0) {
        walk->at = walk->at->parent ? walk->at->parent : walk->at;
        return 0;
    }
    struct cramfs_node *next = cramfs_tree_find(tree, walk->at, name);
    if (next && S_ISLNK(next->mode))
        return take_link(tree, walk, next);
    walk->at = next;
    return 0;
}

/* Goes on after `links` links. */
static int resolve_on(const struct cramfs_tree *tree, struct cramfs_node *from, const char *path,
                      unsigned links, struct cramfs_diags *diags, struct cramfs_node **to)
{
    struct resolve_walk walk = {
        .at = *path == '/' ? tree->root : from, .path = strdup(path), .links = links};
    int error = walk.path ? 0 : -CRAMFS_ERR_MEMORY;
    walk.cursor = walk.path;
    while (!error && walk.at) {
        const char *name = strtok_r(NULL, "/", &walk.cursor);
        if (!name)
            break;
        error = step(tree, &walk, name);
    }
    free(walk.path);
    *to = error ? NULL : walk.at;
    return error ? cramfs_fail_memory(diags) : 0;
}

int resolve_path(const struct cramfs_tree *tree, struct cramfs_node *from, const char *path,
                 struct cramfs_diags *diags, struct cramfs_node **to)
{
    return resolve_on(tree, from, path, 0, diags, to);
}

int resolve_link(const struct cramfs_tree *tree, struct cramfs_diags *diags,
                 struct cramfs_node **node)
{
    const struct cramfs_node *link = *node;
    if (!link || !S_ISLNK(link->mode))
        return 0;
    *node = NULL;
    if (!link->target || !*link->target)
        return 0;
    return resolve_on(tree, link->parent, link->target, 1, diags, node);
}

static char *next_component(char **rest)
{
    char *component;
    do
        component = strtok_r(NULL, "/", rest);
    while (component && strcmp(component, ".") == 0);
    return component;
}

/* Enters a directory on the way; with `make`, a missing one is made. */
static int enter(struct cramfs_tree *tree, const char *name, bool make, struct cramfs_diags *diags,
                 struct resolved_place *place)
{
    struct cramfs_node *next = cramfs_tree_find(tree, place->parent, name);
    if (!next && make) {
        next = cramfs_tree_put(tree, place->parent, name, S_IFDIR | 0755);
        if (!next)
            return cramfs_fail_memory(diags);
    }
    int error = resolve_link(tree, diags, &next);
    if (next && S_ISDIR(next->mode))
        place->parent = next;
    else
        place->blocked = name;
    return error;
}

int resolve_place(struct cramfs_tree *tree, const char *path, bool make, struct cramfs_diags *diags,
                  struct resolved_place *place)
{
    *place = (struct resolved_place){.parent = tree->root, .copy = strdup(path)};
    if (!place->copy)
        return cramfs_fail_memory(diags);
    char *rest = place->copy;
    int error = 0;
    place->name = next_component(&rest);
    const char *next = next_component(&rest);
    while (next && !error && !place->blocked) {
        error = enter(tree, place->name, make, diags, place);
        place->name = next;
        next = next_component(&rest);
    }
    if (!error && !place->blocked)
        place->node = place->name ? cramfs_tree_find(tree, place->parent, place->name) : tree->root;
    return error;
}
