/*
 * A whole tree as one mount shows it, looked up in one order. The kernel keeps inodes by number. If
 * entries share an inode number, the first one that is looked up decides for all.
 */
#ifndef MODEL_VIEW_H
#define MODEL_VIEW_H

#include "kernel.h"

enum order { FIRST_TO_LAST, LAST_TO_FIRST };

/* One name, as stat, read and readlink show it. */
struct shown {
    const char *path; /* "/" is the root; ends with a zero, but a name may hold others */
    uint32_t path_length;
    uint32_t at; /* where its entry is */
    struct inode inode;
    const unsigned char *bytes; /* of a file or link: inode.size bytes; NULL of others, and when
                                   bytes were not asked for */
};

/* A view, or what is wrong with it: `problem` is NULL when the tree can be listed and read, all
 * names that are listed are found, and each is what its own entry says. */
struct view {
    struct shown *shown;
    size_t count, room;
    const char *problem;
    char where[512]; /* the path of it */

    struct piece *pieces; /* memory of paths and bytes */
    struct cached *cache; /* inodes, by number */
    size_t cached, cache_room;
    uint64_t spent; /* bytes read and entries passed; a view that costs too much is a problem */
};

#define TOO_MUCH "too much to look at"

/* Names with their bytes when `with_bytes`. Release it in any case. */
void look_at_tree(struct view *view, struct mount *mount, enum order order, bool with_bytes);
void release_view(struct view *view);

/* Sort by path, so that views in different orders can be compared. */
void sort_view(struct view *view);

/* memory that lives as long as the view; NULL if memory runs out */
void *keep(struct view *view, size_t bytes);

/* In contents.c: the bytes of one name, and what a mapping of them shows. */
void read_contents(struct view *view, struct mount *mount, struct shown *shown);

#endif
