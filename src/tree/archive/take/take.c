#include "tree/archive/take/take.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tree/archive/take/bytes.h"
#include "tree/archive/take/hard_links.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/layers/second.h"
#include "tree/layers/whiteouts.h"
#include "tree/losses.h"

static int take_link(struct archive_reading *reading, struct archive_entry *entry,
                     struct cramfs_node *node)
{
    const char *target = archive_entry_symlink(entry);
    node->target = strdup(target ? target : "");
    if (!node->target)
        return cramfs_fail_memory(reading->diags);
    node->size = strlen(node->target);
    return 0;
}

static void take_xattrs(const struct archive_reading *reading, struct archive_entry *entry,
                        struct cramfs_node *node)
{
    struct cramfs_losses *losses = &reading->tree->losses;
    const char *name;
    const void *value;
    size_t size;
    archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
        losses_count_xattr(losses, name);
        node->opaque |= S_ISDIR(node->mode) && whiteouts_is_opaque(name, value, size);
    }
    losses->acls += archive_entry_acl_types(entry) != 0;
}

/*
 * libarchive's numbers are wider than any system's: a number that does not fit is reported, and
 * never cut.
 */
static int take_number(const struct archive_reading *reading, const char *path, const char *what,
                       la_int64_t number, uint32_t *to)
{
    if (number < 0 || number > UINT32_MAX)
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, path,
                           "%s %" PRId64 " is not possible", what, (int64_t)number);
    *to = (uint32_t)number;
    return 0;
}

static int take_attributes(const struct archive_reading *reading, const char *path,
                           struct archive_entry *entry, struct cramfs_node *node)
{
    int error = take_number(reading, path, "uid", archive_entry_uid(entry), &node->uid);
    if (!error)
        error = take_number(reading, path, "gid", archive_entry_gid(entry), &node->gid);
    if (error || !(S_ISCHR(node->mode) || S_ISBLK(node->mode)))
        return error;
    error = take_number(reading, path, "major number", (la_int64_t)archive_entry_rdevmajor(entry),
                        &node->major);
    return error ? error
                 : take_number(reading, path, "minor number",
                               (la_int64_t)archive_entry_rdevminor(entry), &node->minor);
}

/* Whether a pattern matches the path that it will have. */
static int is_excluded(const struct archive_reading *reading, const char *path)
{
    struct cramfs_excludes *excludes = reading->tree->excludes;
    if (!excludes || !excludes->list_count)
        return 0;
    char *last = layers_path(reading->tree, path);
    int excluded = last ? cramfs_excludes_match(excludes, last) : -CRAMFS_ERR_MEMORY;
    free(last);
    return excluded;
}

/* Takes the entry; its path in the tree is known. */
static int take_placed(struct archive_reading *reading, struct archive_entry *entry,
                       const char *path)
{
    int excluded = is_excluded(reading, path);
    if (excluded)
        return excluded < 0 ? cramfs_fail_memory(reading->diags) : 0;
    if (archive_entry_hardlink(entry))
        return take_hard_link(reading, entry, path);
    struct cramfs_node *node;
    uint32_t mode = archive_entry_mode(entry);
    if (mode > UINT16_MAX) /* cpio has 32 bits for it, and no system uses more than 16 */
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, path,
                           "mode 0%" PRIo32 " is not possible", mode);
    int error = cramfs_tree_put_path(reading->tree, path, mode, reading->diags, &node);
    if (error)
        return error;
    second_name(node, archive_entry_pathname(entry));
    error = take_attributes(reading, path, entry, node);
    if (error)
        return error;
    take_xattrs(reading, entry, node);
    node->linked = !S_ISDIR(node->mode) && archive_entry_nlink(entry) > 1;
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        return take_bytes(reading, entry, node);
    case S_IFLNK:
        return take_link(reading, entry, node);
    case S_IFDIR:
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
    case S_IFSOCK:
        return 0;
    default:
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, path, "its mode 0%o has no file type",
                           node->mode);
    }
}

/* An opaque directory above the part deletes more than the part. */
static bool is_opaque_above(const struct archive_reading *reading, struct archive_entry *entry)
{
    const char *name;
    const void *value;
    size_t size;
    bool opaque = false;
    archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
        opaque |= whiteouts_is_opaque(name, value, size);
    return opaque && reading->tree->whiteouts &&
           part_is_below(reading->tree, archive_entry_pathname(entry));
}

/* A link to a file outside the part becomes a file of its own when its bytes are here. */
static bool is_link(const struct archive_reading *reading, struct archive_entry *entry)
{
    const char *target = archive_entry_hardlink(entry);
    if (target && has_bytes(entry) && !part_has(reading->tree, target))
        archive_entry_set_hardlink(entry, NULL);
    return archive_entry_hardlink(entry);
}

/* Where names are dropped, a hard link may become a link to itself, which is ignored. */
static bool is_same_file(const struct cramfs_node *there, struct archive_entry *entry)
{
    const char *target = archive_entry_hardlink(entry);
    return target && there && !S_ISDIR(there->mode) &&
           !second_is_other(there, second_hash(SECOND_ROOT, target));
}

/* Two entries of the archive have the same place, and one would be lost. */
static int refuse_second(const struct archive_reading *reading, struct archive_entry *entry,
                         uint32_t mode, const char *to)
{
    const struct cramfs_node *there = layers_lookup(reading->tree, to);
    return is_same_file(there, entry)
               ? 0
               : second_refuse_other(reading->tree, there, mode, reading->path,
                                     archive_entry_pathname(entry), reading->diags);
}

int take_archive_entry(struct archive_reading *reading, struct archive_entry *entry)
{
    const char *path = archive_entry_pathname(entry);
    char *to;
    if (!path)
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->path,
                           "an entry's name cannot be read");
    uint32_t mode = is_link(reading, entry) ? S_IFREG : archive_entry_mode(entry);
    int error = part_place(reading->tree, path, mode, reading->diags, &to);
    if (!error && !to && is_opaque_above(reading, entry))
        error = part_fail_opaque(path, reading->diags);
    int second = 0;
    if (!error && to)
        second = refuse_second(reading, entry, mode, to);
    if (!error && to)
        error = take_placed(reading, entry, to);
    free(to);
    return error ? error : second;
}
