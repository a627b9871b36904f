#include "tree/layers/part.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/remedy.h"
#include "tree/path.h"

static bool is_up(const char *name, size_t length)
{
    return length == 2 && name[0] == '.' && name[1] == '.';
}

static bool leads_up(const char *path)
{
    const char *name;
    for (size_t length; (length = path_name(&path, &name));) {
        if (is_up(name, length))
            return true;
    }
    return false;
}

/* Where a path is relative to the subtree. */
enum relation { OUTSIDE, ABOVE, WITHIN };

/* *rest is what follows the subtree's names. */
static enum relation relate(const char *subtree, const char *path, const char **rest)
{
    const char *wanted;
    const char *name;
    for (size_t length; (length = path_name(&subtree, &wanted));) {
        size_t other = path_name(&path, &name);
        if (!other)
            return ABOVE;
        if (other != length || memcmp(wanted, name, length) != 0)
            return OUTSIDE;
    }
    *rest = path;
    return WITHIN;
}

/* Drops the first `count` names; false when no name is left. With 0, keeps everything. */
static bool strip(const char **path, unsigned count)
{
    const char *name;
    for (unsigned i = 0; i < count; i++) {
        if (!path_name(path, &name))
            return false;
    }
    const char *rest = *path;
    return !count || path_name(&rest, &name);
}

const char *part_into(const struct cramfs_tree *tree)
{
    return tree->part && tree->part->into ? tree->part->into : "";
}

static char *join(const char *directory, const char *rest)
{
    char *path = malloc(strlen(directory) + strlen(rest) + 2);
    if (path) {
        strcpy(path, directory);
        strcat(path, "/");
        strcat(path, rest);
    }
    return path;
}

/* The path within the part, or NULL outside of it. */
static const char *within(const struct cramfs_part *part, const char *path, enum relation *relation)
{
    const char *rest = path;
    *relation = relate(part->subtree ? part->subtree : "", path, &rest);
    return *relation == WITHIN && strip(&rest, part->strip) ? rest : NULL;
}

bool part_has(const struct cramfs_tree *tree, const char *path)
{
    enum relation relation;
    return !tree->part || within(tree->part, path, &relation);
}

bool part_is_below(const struct cramfs_tree *tree, const char *path)
{
    enum relation relation;
    return tree->part && !within(tree->part, path, &relation) && relation != OUTSIDE;
}

static int fail_above(const char *path, const char *what, struct cramfs_diags *diags)
{
    return cramfs_fail(diags, CRAMFS_ERR_FORMAT, path,
                       "%s; extract the whole source into a directory, and pack that", what);
}

int part_fail_opaque(const char *path, struct cramfs_diags *diags)
{
    return fail_above(
        path, "deletes a directory that contains the chosen part of the source, and more", diags);
}

/* The NAME of a file `.wh.NAME`; NULL for any other file. */
static const char *whiteout_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return strncmp(name, ".wh.", 4) == 0 ? name + 4 : NULL;
}

/* The path that `.wh.NAME` deletes; allocated. */
static char *deleted_path(const char *path, const char *name)
{
    bool all = strcmp(name, ".wh..opq") == 0;
    size_t head = (size_t)(name - path) - 4;
    char *deleted = malloc(strlen(path) + 1);
    if (!deleted)
        return NULL;
    memcpy(deleted, path, head);
    strcpy(deleted + head, all ? "" : name);
    return deleted;
}

/* Refuses a whiteout outside the part that deletes a directory which the part is in. */
static int refuse_whiteout(const struct cramfs_tree *tree, const char *path,
                           struct cramfs_diags *diags)
{
    enum relation relation;
    const char *name = tree->whiteouts ? whiteout_name(path) : NULL;
    if (!name)
        return 0;
    char *deleted = deleted_path(path, name);
    if (!deleted)
        return cramfs_fail_memory(diags);
    bool whole = !within(tree->part, deleted, &relation) && relation != OUTSIDE;
    bool is_root = relation == WITHIN && !strchr(path, '/');
    free(deleted);
    return whole || is_root
               ? fail_above(
                     path,
                     "is a whiteout of a directory that contains the chosen part of the source",
                     diags)
               : 0;
}

int part_count_left_out(struct cramfs_tree *tree, const char *path)
{
    if (!tree->parting.left_out++)
        tree->parting.first = strdup(path);
    return tree->parting.first ? 0 : -CRAMFS_ERR_MEMORY;
}

void part_count_taken(struct cramfs_tree *tree)
{
    tree->parting.taken++;
}

/* Handles an entry outside the part. */
static int pass_by(struct cramfs_tree *tree, const char *path, uint32_t mode,
                   enum relation relation, struct cramfs_diags *diags)
{
    if (relation == OUTSIDE || S_ISDIR(mode))
        return S_ISDIR(mode) ? 0 : refuse_whiteout(tree, path, diags);
    if (relation == ABOVE)
        return fail_above(path, "is in the path of the subtree, and is not a directory", diags);
    int error = refuse_whiteout(tree, path, diags);
    if (!error && part_count_left_out(tree, path) != 0)
        error = cramfs_fail_memory(diags);
    return error;
}

int part_place(struct cramfs_tree *tree, const char *path, uint32_t mode,
               struct cramfs_diags *diags, char **to)
{
    enum relation relation;
    *to = NULL;
    /* A path with ".." is reported as such, wherever it leads. */
    bool whole = !tree->part || leads_up(path);
    const char *rest = whole ? path : within(tree->part, path, &relation);
    if (!rest)
        return pass_by(tree, path, mode, relation, diags);
    *to = whole ? strdup(path) : join(part_into(tree), rest);
    part_count_taken(tree);
    return *to ? 0 : cramfs_fail_memory(diags);
}

int part_place_target(struct cramfs_tree *tree, const char *path, const char *target,
                      struct cramfs_diags *diags, char **to)
{
    enum relation relation;
    const char *rest = tree->part ? within(tree->part, target, &relation) : NULL;
    char shown[512];
    *to = NULL;
    if (tree->part && !rest)
        return cramfs_fail(diags, CRAMFS_ERR_FORMAT, path,
                           "is a hard link to '%s', which is not in the chosen part of the source; "
                           "choose a larger part",
                           cramfs_escape(target, strlen(target), shown, sizeof(shown)));
    *to = rest ? join(part_into(tree), rest) : strdup(target);
    return *to ? 0 : cramfs_fail_memory(diags);
}

void part_begin(struct cramfs_tree *tree)
{
    free(tree->parting.first);
    memset(&tree->parting, 0, sizeof(tree->parting));
}

static int report_nothing(const struct cramfs_tree *tree, const char *source,
                          struct cramfs_diags *diags)
{
    const struct cramfs_part *part = tree->part;
    char shown[512];
    const char *subtree = part->subtree ? part->subtree : "";
    return cramfs_fail(diags, CRAMFS_ERR_FORMAT, source,
                       "no entry is taken: below '%s' no path has more than %u names",
                       cramfs_escape(subtree, strlen(subtree), shown, sizeof(shown)), part->strip);
}

int part_end(struct cramfs_tree *tree, const char *source, struct cramfs_diags *diags)
{
    char shown[512];
    int error = tree->part && !tree->parting.taken ? report_nothing(tree, source, diags) : 0;
    if (tree->parting.left_out)
        cramfs_report(
            diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, source,
            "%" PRIu64
            " entries are left out, since all names of their paths are dropped; the first is %s",
            tree->parting.left_out,
            cramfs_escape(tree->parting.first, strlen(tree->parting.first), shown, sizeof(shown)));
    part_begin(tree);
    return error;
}
