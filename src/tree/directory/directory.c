/*
 * A directory as the source of a tree.
 *
 * The walk is our own. libarchive's read_disk and fts(3) name each file by a path, which limits
 * depth to PATH_MAX or changes the process's working directory. Here everything is opened relative
 * to a directory, without following a link. An entry may be laid over another directory than the
 * one of its name (layers.h), so the walk keeps both its place in the source and its node.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/tree.h"
#include "tree/directory/attributes.h"
#include "tree/directory/disk.h"
#include "tree/directory/entry.h"
#include "tree/directory/listing.h"
#include "tree/directory/refusals.h"
#include "tree/directory/walking.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/layers/whiteouts.h"

/* Whether something else has taken the place of a directory that was found. */
static bool is_gone(const struct found *found)
{
    return found->node->removed || !S_ISDIR(found->node->mode);
}

/* Reverses the directories found last, so that they are listed in the order of their names. */
static void turn_round(struct directory_walking *walking, size_t from)
{
    struct found *list = walking->waiting;
    size_t end = walking->waiting_count;
    while (from + 1 < end) {
        struct found other = list[from];
        list[from++] = list[--end];
        list[end] = other;
    }
}

/*
 * Lists the directory whose entries come next, so that the threads never wait for names. If one of
 * the current directory's entries is a directory, that comes next, and is not known yet.
 */
static void look_ahead(struct directory_walking *walking)
{
    enum listing_step step;
    if (!walking->waiting_count || listing_has_directories(walking->listed))
        return;
    const struct found *next = &walking->waiting[walking->waiting_count - 1];
    if (!is_gone(next))
        walking->next = listing_begin(walking, next, &step); /* or it is tried again in its turn */
}

/* Unreadable entries are reported, and the rest is added. */
static int take_entries(struct directory_walking *walking, const struct found *in)
{
    struct listing *listing = walking->listed;
    bool looked = false;
    int result = 0;
    for (size_t i = 0; i < listing->names.list_count && result != -CRAMFS_ERR_MEMORY; i++) {
        if (!looked && examined_is_passed_on(&listing->examined)) {
            look_ahead(walking);
            looked = true;
        }
        struct directory_facts *facts = examined_next(walking->examiner, &listing->examined);
        int error = facts ? take_directory_entry(walking, in, listing->names.list[i].name, facts)
                          : cramfs_fail_memory(walking->diags);
        result = error ? error : result;
    }
    return result;
}

/* Reports, with errno, why a directory cannot be listed. */
static int refuse_listing(const struct directory_walking *walking, const struct found *found,
                          enum listing_step step)
{
    if (step == LISTING_OPEN && found->dropped)
        return fail_dropped(walking, found->place, "");
    switch (step) {
    case LISTING_OPEN:
        return refuse(walking, found->node, "open it");
    case LISTING_STREAM:
        return cramfs_node_fail(walking->diags, CRAMFS_ERR_IO, found->node, "cannot list: %s",
                                strerror(errno));
    case LISTING_NAMES:
        return disk_refuse(walking->tree, found->node, "list it", walking->diags);
    default:
        return cramfs_fail_memory(walking->diags);
    }
}

/* The listing of a directory that look_ahead() listed; NULL for any other directory. */
static struct listing *take_next(struct directory_walking *walking, const struct found *found)
{
    struct listing *next = walking->next;
    walking->next = NULL;
    if (!next || (next->place == found->place && !is_gone(found)))
        return next;
    listing_end(walking, next);
    return NULL;
}

/* Adds all entries of a directory. */
static int read_directory(struct directory_walking *walking, const struct found *found)
{
    enum listing_step step;
    struct listing *listing = take_next(walking, found);
    if (is_gone(found))
        return 0;
    if (!listing)
        listing = listing_begin(walking, found, &step);
    if (!listing)
        return refuse_listing(walking, found, step);
    listing_end(walking, walking->listed);
    walking->listed = listing;
    size_t waiting = walking->waiting_count;
    int result = take_entries(walking, found);
    turn_round(walking, waiting);
    return result;
}

/* Lists directory after directory; those found on the way wait in a list, not on the stack. */
static int read_tree(struct directory_walking *walking, struct cramfs_node *top)
{
    int result = 0;
    struct found found = {.node = top};
    found.drop = walking->tree->part ? walking->tree->part->strip : 0;
    for (;;) {
        int error = read_directory(walking, &found);
        if (error)
            result = error;
        if (error == -CRAMFS_ERR_MEMORY || !walking->waiting_count)
            return result;
        found = walking->waiting[--walking->waiting_count];
    }
}

/*
 * The directory that the source's root becomes, with its mode and owner: the tree's root, or the
 * one that the part names.
 */
static int put_top(const struct directory_walking *walking, const struct stat *status,
                   struct cramfs_node **top)
{
    struct cramfs_tree *tree = walking->tree;
    const struct open_entry entry = {
        .file = walking->source->root, .readable = true, .status = *status};
    const char *into = part_into(tree);
    bool dropped = tree->part && tree->part->strip;
    *top = layers_follow(tree, layers_lookup(tree, into));
    if (!dropped || !*top || !S_ISDIR((*top)->mode)) {
        uint32_t mode = dropped ? S_IFDIR | 0755 : status->st_mode;
        int error = cramfs_tree_put_path(tree, into, mode, walking->diags, top);
        if (error)
            return error;
    }
    if (dropped)
        return 0;
    part_count_taken(tree);
    disk_take_status(*top, status);
    bool opaque = count_attributes(&tree->losses, &entry);
    if (tree->part) /* in overlayfs the top of a layer is never opaque */
        (*top)->opaque = opaque;
    return 0;
}

/* Whether the place where it goes, or a directory on the way, is left out; or an error. */
static int is_left_out(const struct directory_walking *walking)
{
    const char *into = part_into(walking->tree);
    char *path = *into ? layers_path(walking->tree, into) : NULL;
    int excluded = path ? cramfs_excludes_match(walking->tree->excludes, path) : 0;
    excluded = *into && !path ? -CRAMFS_ERR_MEMORY : excluded;
    free(path);
    return excluded;
}

static int read_source(struct directory_walking *walking)
{
    struct cramfs_tree *tree = walking->tree;
    struct stat status;
    struct cramfs_node *top;
    int error = layers_begin(tree, walking->path, walking->diags);
    int left_out = error ? 0 : is_left_out(walking);
    if (error || left_out)
        return left_out < 0 ? cramfs_fail_memory(walking->diags) : error;
    error = directory_source_create(tree, walking->path, walking->diags, &walking->source, &status);
    walking->device = status.st_dev;
    if (!error)
        error = put_top(walking, &status, &top);
    if (!error && add_directory_input(walking, 0, "") != 0)
        error = cramfs_fail_memory(walking->diags);
    if (!error)
        error = read_tree(walking, top);
    return error ? error : part_end(tree, walking->path, walking->diags);
}

int cramfs_tree_read_directory(struct cramfs_tree *tree, const char *path,
                               struct cramfs_diags *diags)
{
    struct directory_walking walking = {.tree = tree, .path = path, .diags = diags};
    const char *subtree = tree->part ? tree->part->subtree : NULL;
    if (asprintf(&walking.root, "%s%s%s", path, subtree ? "/" : "", subtree ? subtree : "") < 0)
        return cramfs_fail_memory(diags);
    walking.examiner = examiner_create(tree->jobs);
    int error = walking.examiner ? read_source(&walking) : cramfs_fail_memory(diags);
    listing_end(&walking, walking.listed);
    listing_end(&walking, walking.next);
    examiner_free(walking.examiner);
    free(walking.waiting);
    free(walking.root);
    return error ? error : whiteouts_end_source(tree, path, diags);
}
