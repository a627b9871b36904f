#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE = 0170000, DIRECTORY = 0040000, BUDGET = 64 << 20 };

struct piece {
    struct piece *next;
    size_t used, room;
};

struct cached {
    struct inode inode;
    bool used;
};

void *keep(struct view *view, size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    struct piece *piece = view->pieces;
    if (!piece || piece->room - piece->used < bytes) {
        size_t room = bytes > 1 << 18 ? bytes : 1 << 18;
        piece = malloc(sizeof(*piece) + 16 + room);
        if (!piece) {
            view->problem = TOO_MUCH;
            return NULL;
        }
        *piece = (struct piece){.next = view->pieces, .room = room};
        view->pieces = piece;
    }
    void *memory = (char *)piece + ((sizeof(*piece) + 15) & ~(size_t)15) + piece->used;
    piece->used += bytes;
    return memory;
}

static void spend(struct view *view, uint64_t amount)
{
    view->spent += amount;
    if (view->spent > BUDGET && !view->problem)
        view->problem = TOO_MUCH;
}

static void complain(struct view *view, const char *problem, const char *path)
{
    if (view->problem)
        return;
    view->problem = problem;
    snprintf(view->where, sizeof(view->where), "%s", path);
}

/* Where the inode of that number is, or belongs. */
static struct cached *find_cached(const struct view *view, uint32_t number)
{
    size_t slot = (number * 2654435761u) & (view->cache_room - 1);
    while (view->cache[slot].used && view->cache[slot].inode.number != number)
        slot = (slot + 1) & (view->cache_room - 1);
    return &view->cache[slot];
}

static bool grow_cache(struct view *view)
{
    struct view old = *view;
    view->cache_room = old.cache_room ? old.cache_room * 2 : 64;
    view->cache = calloc(view->cache_room, sizeof(*view->cache));
    if (!view->cache) {
        view->cache = old.cache;
        view->cache_room = old.cache_room;
        view->problem = TOO_MUCH;
        return false;
    }
    for (size_t i = 0; i < old.cache_room; i++)
        if (old.cache[i].used)
            *find_cached(view, old.cache[i].inode.number) = old.cache[i];
    free(old.cache);
    return true;
}

/* The inode of an entry: one that the kernel has, or a new one. */
static enum failure get_inode(struct view *view, const struct entry *entry, uint32_t offset,
                              struct inode *inode, bool *is_new)
{
    *is_new = false;
    if (view->cached * 2 >= view->cache_room && !grow_cache(view))
        return IO_ERROR;
    struct cached *cached = find_cached(view, inode_number(entry, offset));
    if (!cached->used) {
        enum failure failure = make_inode(entry, offset, &cached->inode);
        if (failure)
            return failure;
        *is_new = cached->used = true;
        view->cached++;
    }
    *inode = cached->inode;
    return WORKS;
}

static struct shown *add_shown(struct view *view)
{
    if (view->count == view->room) {
        size_t room = view->room ? view->room * 2 : 64;
        struct shown *shown = realloc(view->shown, room * sizeof(*shown));
        if (!shown) {
            view->problem = TOO_MUCH;
            return NULL;
        }
        view->shown = shown;
        view->room = room;
    }
    return memset(&view->shown[view->count++], 0, sizeof(struct shown));
}

static const char *join(struct view *view, const struct shown *parent, const unsigned char *name,
                        uint32_t length, uint32_t *joined)
{
    uint32_t front = parent->path_length == 1 ? 0 : parent->path_length;
    char *path = keep(view, front + length + 2);
    if (!path)
        return NULL;
    memcpy(path, parent->path, front);
    path[front] = '/';
    memcpy(path + front + 1, name, length);
    path[front + 1 + length] = '\0';
    *joined = front + 1 + length;
    spend(view, *joined);
    return path;
}

/* stat must show the fields of the intended entry. */
static bool is_as_meant(const struct entry *entry, const struct inode *inode)
{
    uint32_t type = entry->mode & TYPE;
    bool device = type == 0020000 || type == 0060000;
    bool empty = type == 0010000 || type == 0140000;
    return inode->mode == entry->mode && inode->uid == entry->uid && inode->gid == entry->gid &&
           (device ? inode->device_number == entry->size : empty || inode->size == entry->size);
}

/* Look up one name of the listing: it must be found, and be the listed entry. */
static void show_name(struct view *view, struct mount *mount, size_t parent_index, uint32_t at,
                      const struct entry *listed, uint32_t length)
{
    struct shown parent = view->shown[parent_index];
    uint32_t path_length = 0, found_at = 0;
    const char *path = join(view, &parent, listed->name, length, &path_length);
    if (!path)
        return;
    struct entry entry;
    struct inode inode;
    bool is_new = false;
    if (memchr(listed->name, 0, length))
        complain(view, "a name with a NUL cannot be looked up", path);
    else if ((length == 1 && listed->name[0] == '.') ||
             (length == 2 && !memcmp(listed->name, "..", 2)))
        complain(view, "a name of its own for . or ..", path);
    else if (look_up(mount, &parent.inode, listed->name, length, &found_at, &entry))
        complain(view, "listed, but not found", path);
    else if (found_at != at)
        complain(view, "another entry is found", path);
    else if (get_inode(view, &entry, at, &inode, &is_new))
        complain(view, "no inode can be made of the entry", path);
    else if (!is_as_meant(&entry, &inode))
        complain(view, "not what its entry says", path);
    else if (!is_new && (inode.mode & TYPE) == DIRECTORY)
        complain(view, "a directory with two names", path);
    spend(view, at - parent.inode.number);
    struct shown *shown = view->problem ? NULL : add_shown(view);
    if (shown)
        *shown = (struct shown){.path = path, .path_length = path_length, .at = at, .inode = inode};
}

/* List a directory, then look the names up, in order or the other way round. */
static void show_directory(struct view *view, struct mount *mount, size_t index, enum order order)
{
    struct shown directory = view->shown[index];
    uint32_t count = 0, position = 0, length = 0;
    struct entry entry;
    int more;
    uint32_t *places = malloc(sizeof(*places) * (directory.inode.size / 12 + 2));
    if (!places) {
        view->problem = TOO_MUCH;
        return;
    }
    places[0] = 0;
    while ((more = list_next(mount, &directory.inode, &position, &entry, &length)) > 0)
        places[++count] = position;
    if (more < 0)
        complain(view, "the directory cannot be listed", directory.path);
    spend(view, count);
    for (uint32_t i = 0; i < count && !view->problem; i++) {
        position = places[order == FIRST_TO_LAST ? i : count - 1 - i];
        uint32_t at = directory.inode.number + position;
        list_next(mount, &directory.inode, &position, &entry, &length);
        show_name(view, mount, index, at, &entry, length);
    }
    free(places);
}

void look_at_tree(struct view *view, struct mount *mount, enum order order, bool with_bytes)
{
    bool is_new;
    memset(view, 0, sizeof(*view));
    struct shown *root = add_shown(view);
    if (!root)
        return;
    root->path = "/";
    root->path_length = 1;
    root->at = mount->super + 64;
    /* The kernel makes the root's inode as if its entry were at 0. */
    if (get_inode(view, &mount->root, 0, &root->inode, &is_new))
        complain(view, "the root has no inode", "/");
    else if (!is_as_meant(&mount->root, &root->inode))
        complain(view, "not what its entry says", "/");
    for (size_t i = 0; i < view->count && !view->problem; i++)
        if ((view->shown[i].inode.mode & TYPE) == DIRECTORY)
            show_directory(view, mount, i, order);
    for (size_t i = 0; i < view->count && !view->problem && with_bytes; i++) {
        spend(view, view->shown[i].inode.size);
        if (!view->problem)
            read_contents(view, mount, &view->shown[i]);
    }
}

void release_view(struct view *view)
{
    while (view->pieces) {
        struct piece *next = view->pieces->next;
        free(view->pieces);
        view->pieces = next;
    }
    free(view->shown);
    free(view->cache);
    memset(view, 0, sizeof(*view));
}

static int by_path(const void *left, const void *right)
{
    const struct shown *a = left, *b = right;
    return strcmp(a->path, b->path);
}

void sort_view(struct view *view)
{
    if (view->count)
        qsort(view->shown, view->count, sizeof(*view->shown), by_path);
}
