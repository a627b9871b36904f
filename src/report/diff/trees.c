/*
 * Merges two trees. A directory that both have is walked side by side, a directory that only one
 * has by itself. The way down is kept on a stack of its own, since trees may be deep.
 *
 * The trees are merged twice: first to have workers read the files that are compared, then to
 * compare.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "read/names.h"
#include "report/diff/children.h"
#include "report/diff/diff.h"
#include "report/diff/must_differ.h"
#include "report/list/pages.h"

struct diff_level {
    uint32_t entries[2]; /* the directories, or CRAMFS_NO_ENTRY */
    uint32_t at[2];      /* in their sorted children */
    uint32_t end[2];
    bool differs;        /* a name is in only one of the two directories */
    uint64_t differs_at; /* the first such place in the old image */
};

struct diffing {
    const struct cramfs_view *const *views;
    struct cramfs_diff *out;
    struct children children[2];
    struct pages *pages[2];
    struct diff_contents *contents;
    struct must_differ *must_differ; /* NULL: not asked for */
    int (*at_path)(struct diffing *diffing, const uint32_t entries[2]);
    struct diff_level *levels;
    size_t levels_count;
    size_t levels_capacity;
};

static int add_change(struct diffing *diffing, const struct cramfs_change *change)
{
    struct cramfs_diff *out = diffing->out;
    if (change->in_place[1] > change->in_place[0])
        out->xip_gained += change->in_place[1] - change->in_place[0];
    else
        out->xip_lost += change->in_place[0] - change->in_place[1];
    out->moved += change->moved;
    bool both = change->entries[0] != CRAMFS_NO_ENTRY && change->entries[1] != CRAMFS_NO_ENTRY;
    if (both && !change->what)
        return 0;
    if (!ARRAY_GROW(out, changes))
        return -CRAMFS_ERR_MEMORY;
    out->changes[out->changes_count++] = *change;
    return 0;
}

static int add_must_differ(const struct diffing *diffing, const uint32_t entries[2])
{
    if (!diffing->must_differ || entries[1] == CRAMFS_NO_ENTRY)
        return 0;
    return entries[0] == CRAMFS_NO_ENTRY ? must_differ_add_new(diffing->must_differ, entries[1])
                                         : must_differ_add_pair(diffing->must_differ, entries);
}

/* Workers read what compare_paths() will compare. */
static int expect(struct diffing *diffing, const uint32_t entries[2])
{
    unsigned types[2];
    for (int side = 0; side < 2; side++) {
        if (entries[side] == CRAMFS_NO_ENTRY)
            return 0;
        types[side] = diffing->views[side]->survey->entries.list[entries[side]].inode.mode & S_IFMT;
    }
    return types[0] == types[1] ? contents_expect(diffing->contents, entries) : 0;
}

/* Handles one entry, or an entry of each tree. */
static int compare_paths(struct diffing *diffing, const uint32_t entries[2])
{
    struct cramfs_change change = {.entries = {entries[0], entries[1]}};
    for (int side = 0; side < 2; side++) {
        if (entries[side] != CRAMFS_NO_ENTRY)
            change.in_place[side] = diffing->pages[side][entries[side]].in_place;
    }
    int error = 0;
    if (entries[0] != CRAMFS_NO_ENTRY)
        diffing->out->new_entries[entries[0]] = entries[1];
    if (entries[0] != CRAMFS_NO_ENTRY && entries[1] != CRAMFS_NO_ENTRY)
        error = diff_entries(diffing->views, diffing->contents, &change);
    if (!error)
        error = add_must_differ(diffing, entries);
    return error ? error : add_change(diffing, &change);
}

/* Handles one entry, or an entry of each tree, and enters it if it was or is a directory. */
static int visit(struct diffing *diffing, const uint32_t entries[2])
{
    struct diff_level below = {.entries = {entries[0], entries[1]}};
    bool directory = false;
    for (int side = 0; side < 2; side++) {
        uint32_t entry = entries[side];
        if (entry == CRAMFS_NO_ENTRY)
            continue;
        below.at[side] = diffing->children[side].first[entry];
        below.end[side] = diffing->children[side].first[entry + 1];
        directory |= below.at[side] < below.end[side];
    }
    int error = diffing->at_path(diffing, entries);
    if (error || !directory)
        return error;
    if (!ARRAY_GROW(diffing, levels))
        return -CRAMFS_ERR_MEMORY;
    diffing->levels[diffing->levels_count++] = below;
    return 0;
}

/* The next name of either directory, and which of them have it. */
static void take_next(const struct diffing *diffing, struct diff_level *level, uint32_t entries[2])
{
    const struct cramfs_entry *next[2] = {NULL, NULL};
    for (int side = 0; side < 2; side++) {
        if (level->at[side] < level->end[side])
            next[side] = diffing->children[side].sorted[level->at[side]];
    }
    int order = !next[0] ? 1 : !next[1] ? -1 : name_compare(next[0], next[1]);
    for (int side = 0; side < 2; side++) {
        bool taken = order == 0 || (order < 0) == (side == 0);
        entries[side] = taken ? (uint32_t)(next[side] - diffing->views[side]->survey->entries.list)
                              : CRAMFS_NO_ENTRY;
        level->at[side] += taken;
    }
}

/* Only one directory has the name, so the entries after it are at other offsets. */
static void see_difference(const struct diffing *diffing, struct diff_level *level,
                           const uint32_t entries[2])
{
    if (level->differs || (entries[0] != CRAMFS_NO_ENTRY && entries[1] != CRAMFS_NO_ENTRY) ||
        level->entries[0] == CRAMFS_NO_ENTRY || level->entries[1] == CRAMFS_NO_ENTRY)
        return;
    const struct cramfs_inode *directory =
        &diffing->views[0]->survey->entries.list[level->entries[0]].inode;
    level->differs = true;
    level->differs_at = (uint64_t)directory->offset + directory->size;
    if (entries[0] != CRAMFS_NO_ENTRY)
        level->differs_at = diffing->views[0]->survey->entries.list[entries[0]].offset;
    else if (level->at[0] < level->end[0])
        level->differs_at = diffing->children[0].sorted[level->at[0]]->offset;
}

static void leave_level(const struct diffing *diffing, const struct diff_level *level)
{
    if (level->differs && diffing->must_differ)
        must_differ_add_directories(diffing->must_differ, level->entries, level->differs_at);
}

static int merge_trees(struct diffing *diffing,
                       int (*at_path)(struct diffing *, const uint32_t entries[2]))
{
    diffing->at_path = at_path;
    int error = visit(diffing, (const uint32_t[2]){0, 0});
    while (!error && diffing->levels_count) {
        struct diff_level *level = &diffing->levels[diffing->levels_count - 1];
        uint32_t entries[2];
        if (level->at[0] == level->end[0] && level->at[1] == level->end[1]) {
            leave_level(diffing, level);
            diffing->levels_count--;
            continue;
        }
        take_next(diffing, level, entries);
        see_difference(diffing, level, entries);
        error = visit(diffing, entries);
    }
    return error;
}

/* An image in another byte order, or for other pages, has no bytes in common with the first one. */
static bool comparable(const struct cramfs_diff *diff)
{
    const struct cramfs_image *before = diff->views[0]->image;
    const struct cramfs_image *after = diff->views[1]->image;
    return diff->erase_block && before->order == after->order &&
           before->page_size == after->page_size;
}

/* Entries that the merge does not reach have no partner. */
static int make_pairs(struct cramfs_diff *diff)
{
    uint32_t count = diff->views[0]->survey->entries.list_count;
    diff->new_entries = array_create(count, sizeof(*diff->new_entries));
    for (uint32_t i = 0; diff->new_entries && i < count; i++)
        diff->new_entries[i] = CRAMFS_NO_ENTRY;
    return diff->new_entries ? 0 : -CRAMFS_ERR_MEMORY;
}

static int prepare(struct diffing *diffing, unsigned jobs)
{
    diffing->contents = contents_create(diffing->views, jobs);
    int error = make_pairs(diffing->out);
    if (!diffing->contents)
        error = -CRAMFS_ERR_MEMORY;
    for (int side = 0; !error && side < 2; side++) {
        diffing->pages[side] = pages_count(diffing->views[side]);
        error = diffing->pages[side] ? children_sort(&diffing->views[side]->survey->entries,
                                                     &diffing->children[side])
                                     : -CRAMFS_ERR_MEMORY;
    }
    return error;
}

/* The files at one path, and with `all` then all others. */
static int read_files(struct diffing *diffing, bool all)
{
    int error = merge_trees(diffing, expect);
    for (int side = 0; all && side < 2; side++) {
        uint32_t count = diffing->views[side]->survey->entries.list_count;
        for (uint32_t i = 0; !error && i < count; i++) {
            uint32_t entries[2] = {side ? CRAMFS_NO_ENTRY : i, side ? i : CRAMFS_NO_ENTRY};
            error = contents_expect(diffing->contents, entries);
        }
    }
    int waited = contents_wait(diffing->contents);
    return error ? error : waited;
}

static int merge(struct diffing *diffing)
{
    bool must_differ = comparable(diffing->out);
    int error = read_files(diffing, must_differ);
    if (error)
        return error;
    if (must_differ) {
        diffing->must_differ =
            must_differ_create(diffing->views, diffing->contents, diffing->out->erase_block);
        if (!diffing->must_differ)
            return -CRAMFS_ERR_MEMORY;
    }
    return merge_trees(diffing, compare_paths);
}

int diff_trees(struct cramfs_diff *diff, unsigned jobs)
{
    struct diffing diffing = {.views = diff->views, .out = diff};
    int error = prepare(&diffing, jobs);
    if (!error)
        error = merge(&diffing);
    for (int side = 0; side < 2; side++) {
        children_free(&diffing.children[side]);
        free(diffing.pages[side]);
    }
    diff->erase_blocks_least = UINT64_MAX;
    if (!error && diffing.must_differ)
        diff->erase_blocks_least = must_differ_count(diffing.must_differ);
    must_differ_free(diffing.must_differ);
    contents_free(diffing.contents);
    free(diffing.levels);
    return error;
}
