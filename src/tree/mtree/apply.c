#include "tree/mtree/apply.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/remedy.h"
#include "cramfs/loss.h"
#include "tree/directory/disk.h"
#include "tree/losses.h"

/*
 * The facts that an entry which is not a file takes from the disk when it does not say them itself.
 */
enum {
    OF_ALL = MTREE_MODE | MTREE_UID | MTREE_GID,
    OF_LINK = OF_ALL | MTREE_LINK,
    OF_DEVICE = OF_ALL | MTREE_DEVICE,
    /* facts that `nochange` takes from the disk, too */
    OF_DISK = OF_LINK | OF_DEVICE | MTREE_UNAME | MTREE_GNAME | MTREE_SIZE | MTREE_NLINK,
};

struct mtree_applying {
    struct cramfs_tree *tree;
    const struct mtree_source *source;
    const char *path;
    size_t absent; /* optional files that do not exist */
    struct cramfs_diags *diags;
};

/* An entry that is being applied: its facts, and the file in its place. */
struct work {
    struct cramfs_node *node;
    const struct mtree_entry *entry;
    struct mtree_facts facts;
    int file; /* open with O_PATH, or -1 when no suitable file is there */
    struct stat status;
};

#define FAIL(applying, entry, code, ...)                                                           \
    mtree_entry_report((applying)->diags, CRAMFS_ERROR, code, (applying)->path, entry, __VA_ARGS__)

static int fail_outside(const struct mtree_applying *applying, const struct mtree_entry *entry)
{
    char shown[MTREE_SHOWN_SIZE];
    char root[MTREE_SHOWN_SIZE];
    int error = FAIL(applying, entry, CRAMFS_ERR_IO, "has contents=%s, which is outside %s",
                     mtree_shown(entry->facts.contents, shown),
                     mtree_shown(applying->source->root_path, root));
    return with_remedy(error, applying->diags, CRAMFS_REMEDY_MTREE_ROOT, NULL);
}

/*
 * The system refused the file in the entry's place: an error; or, where that is allowed, the node
 * is removed.
 */
static int refuse(const struct mtree_applying *applying, const struct mtree_entry *entry, int error)
{
    char shown[MTREE_SHOWN_SIZE];
    char root[MTREE_SHOWN_SIZE];
    const char *contents = entry->facts.given & MTREE_CONTENTS ? entry->facts.contents : NULL;
    bool allowed =
        applying->tree->allow & CRAMFS_LOSS_BIT(CRAMFS_LOSS_UNREADABLE) && entry->node->parent;
    const char *remedy = "";
    if (error == ENOENT)
        remedy = "; put the file there, give its path with contents=, or mark it optional";
    int code =
        mtree_entry_report(applying->diags, allowed ? CRAMFS_ALLOWED : CRAMFS_ERROR, CRAMFS_ERR_IO,
                           applying->path, entry, "cannot be read%s%s from %s: %s%s",
                           contents ? " as " : "", contents ? mtree_shown(contents, shown) : "",
                           mtree_shown(applying->source->root_path, root), strerror(error),
                           allowed ? "; left out" : remedy);
    if (!allowed && error == ENOENT)
        with_remedy(code, applying->diags, CRAMFS_REMEDY_MTREE_ROOT, NULL);
    if (!allowed || code != -CRAMFS_ERR_IO)
        return code;
    cramfs_tree_remove(entry->node);
    return 0;
}

/* Whether the disk is needed: always for bytes, otherwise only for facts that the entry lacks. */
static bool wants_disk(const struct mtree_facts *facts)
{
    unsigned wanted = OF_ALL;
    unsigned given = facts->given;
    if (facts->type == S_IFLNK)
        wanted = OF_LINK;
    if (facts->type == S_IFCHR || facts->type == S_IFBLK)
        wanted = OF_DEVICE;
    given |= given & MTREE_UNAME ? MTREE_UID : 0;
    given |= given & MTREE_GNAME ? MTREE_GID : 0;
    return facts->type == S_IFREG || (wanted & ~given);
}

/* Opens the file in the place. It must exist only for an entry that is a file. */
static int look(struct mtree_applying *applying, struct work *work)
{
    const struct mtree_entry *entry = work->entry;
    bool is_file = work->facts.type == S_IFREG;
    work->file = -1;
    if (mtree_entry_is_empty(entry) || !wants_disk(&work->facts))
        return 0;
    work->file = mtree_source_open(applying->source, entry, O_PATH);
    if (work->file >= 0 && fstat(work->file, &work->status) == 0) {
        if ((work->status.st_mode & S_IFMT) == work->facts.type)
            return 0;
        if (is_file)
            return FAIL(
                applying, entry, CRAMFS_ERR_FORMAT,
                "is not a regular file on disk; correct its type, or the path in contents=");
        close(work->file);
        work->file = -1;
        return 0;
    }
    bool absent = errno == ENOENT || errno == ENOTDIR;
    if (absent && is_file && (work->facts.given & MTREE_OPTIONAL)) {
        applying->absent++;
        cramfs_tree_remove(work->node);
        return 0;
    }
    if (absent && !is_file)
        return 0;
    return errno == EXDEV ? fail_outside(applying, entry) : refuse(applying, entry, errno);
}

static int take_size(const struct mtree_applying *applying, const struct work *work)
{
    struct cramfs_node *node = work->node;
    if (!(work->facts.given & MTREE_SIZE) || work->facts.size == node->size)
        return 0;
    return FAIL(applying, work->entry, CRAMFS_ERR_CHANGED,
                "has size=%" PRIu64 ", and its file has %" PRIu64
                " bytes; make the manifest again from a tree that does not change",
                work->facts.size, node->size);
}

static int take_target(const struct mtree_applying *applying, const struct work *work)
{
    struct cramfs_node *node = work->node;
    if (!(work->facts.given & MTREE_LINK) && work->file >= 0) {
        struct disk_target target = disk_read_target(work->file, &work->status);
        return disk_take_target(applying->tree, node, &target, applying->diags);
    }
    if (!(work->facts.given & MTREE_LINK))
        return FAIL(applying, work->entry, CRAMFS_ERR_FORMAT, "has no link=; add it");
    node->target = strdup(work->facts.target);
    if (!node->target)
        return cramfs_fail_memory(applying->diags);
    node->size = strlen(node->target);
    return 0;
}

static int take_device(const struct mtree_applying *applying, const struct work *work)
{
    if (work->facts.given & MTREE_DEVICE) {
        work->node->major = work->facts.device.major;
        work->node->minor = work->facts.device.minor;
        return 0;
    }
    return work->file >= 0 ? 0
                           : FAIL(applying, work->entry, CRAMFS_ERR_FORMAT,
                                  "has no device=; add it, for example device=native,5,1");
}

/* The manifest's facts come first, then those on disk, then the usual ones. */
static void take_attributes(const struct work *work)
{
    struct cramfs_node *node = work->node;
    const struct mtree_facts *facts = &work->facts;
    if (work->file >= 0)
        disk_take_status(node, &work->status);
    else
        node->mode |= S_ISDIR(node->mode) ? 0755 : S_ISLNK(node->mode) ? 0777 : 0644;
    if (facts->given & MTREE_MODE)
        node->mode = facts->type | (uint32_t)facts->mode;
    if (facts->given & MTREE_UID)
        node->uid = (uint32_t)facts->uid;
    if (facts->given & MTREE_GID)
        node->gid = (uint32_t)facts->gid;
    uint64_t links =
        work->file >= 0 && !(facts->given & MTREE_CONTENTS) ? work->status.st_nlink : 1;
    if (facts->given & MTREE_NLINK)
        links = facts->nlink;
    node->linked = !S_ISDIR(node->mode) && links > 1;
}

static int take_what_it_is(const struct mtree_applying *applying, const struct work *work)
{
    switch (work->facts.type) {
    case S_IFREG:
        if (mtree_source_add_input(applying->source, work->entry, applying->tree->inputs) != 0)
            return cramfs_fail_memory(applying->diags);
        return take_size(applying, work);
    case S_IFLNK:
        return take_target(applying, work);
    case S_IFCHR:
    case S_IFBLK:
        return take_device(applying, work);
    default:
        return 0;
    }
}

static int apply_entry(struct mtree_applying *applying, struct mtree_entry *entry)
{
    struct work work = {.node = entry->node, .entry = entry, .facts = entry->facts};
    if (work.facts.given & MTREE_NOCHANGE)
        work.facts.given &= ~(unsigned)OF_DISK;
    int error = look(applying, &work);
    if (!error && !work.node->removed) {
        take_attributes(&work);
        if (work.file >= 0) {
            entry->device = work.status.st_dev;
            entry->inode = work.status.st_ino;
        }
        if (work.facts.given & MTREE_XATTR)
            losses_add(&applying->tree->losses, &work.facts.xattrs);
        error = take_what_it_is(applying, &work);
    }
    if (work.file >= 0)
        close(work.file);
    if (!S_ISREG(work.node->mode))
        work.node->source = NULL;
    return error;
}

int mtree_apply(struct cramfs_tree *tree, struct mtree_source *source, const char *path,
                struct cramfs_diags *diags)
{
    struct mtree_applying applying = {.tree = tree, .source = source, .path = path, .diags = diags};
    int result = 0;
    for (size_t i = 0; i < source->entries_count; i++) {
        struct mtree_entry *entry = &source->entries[i];
        int error = entry->node->removed ? 0 : apply_entry(&applying, entry);
        if (error == -CRAMFS_ERR_MEMORY)
            return error;
        result = error ? error : result;
    }
    if (applying.absent)
        cramfs_report(diags, CRAMFS_NOTE, CRAMFS_ERR_IO, path,
                      "%zu optional files do not exist, and are left out", applying.absent);
    return result;
}
