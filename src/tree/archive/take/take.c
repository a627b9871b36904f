#include "tree/archive/take/take.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/format.h"
#include "tree/archive/stream/fault.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/layers/second.h"
#include "tree/layers/whiteouts.h"
#include "tree/losses.h"
#include "tree/taken.h"

int fail_archive(const struct archive_reading *reading)
{
    int error = reading->stream->error;
    return error ? error : report_fault(reading->archive, reading->path, reading->diags);
}

static int report_entry(const struct archive_reading *reading, enum cramfs_error code,
                        struct archive_entry *entry, const char *fault)
{
    const char *name = archive_entry_pathname(entry);
    char shown[FAULT_SIZE];
    name = name ? name : "";
    return cramfs_fail(reading->diags, code, reading->path,
                       "cannot read the archive: '%s' is damaged: %s",
                       cramfs_escape(name, strlen(name), shown, sizeof(shown)), fault);
}

int fail_entry(const struct archive_reading *reading, struct archive_entry *entry,
               const char *fault)
{
    return report_entry(reading, CRAMFS_ERR_FORMAT, entry, fault);
}

/* The entry's bytes, with libarchive's word for it: perhaps nothing can be read after them. */
static int fail_data(const struct archive_reading *reading, struct archive_entry *entry, int status)
{
    char fault[FAULT_SIZE];
    int error = reading->stream->error;
    return error
               ? error
               : report_entry(reading, status == ARCHIVE_FATAL ? CRAMFS_ERR_IO : CRAMFS_ERR_FORMAT,
                              entry, fault_text(reading->archive, fault));
}

static int fail_spool(const struct archive_reading *reading)
{
    return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                       "cannot keep its files in %s: %s; TMPDIR names another place",
                       spool_directory(), strerror(errno));
}

/* What cpio's "crc" form has: the sum of all bytes. */
static uint32_t add_bytes(uint32_t sum, const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sum += bytes[i];
    return sum;
}

/*
 * What was read is all there is to be, and adds up. libarchive knows how long entries of a tar are,
 * whose holes have no bytes.
 */
static int check_end(const struct archive_reading *reading, struct archive_entry *entry,
                     uint64_t end, uint32_t sum)
{
    bool tar = (archive_format(reading->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
    if (!tar && archive_entry_size_is_set(entry) && end != (uint64_t)archive_entry_size(entry))
        return fail_entry(reading, entry, "it is shorter or longer than its header says");
    if (reading->has_sum && sum != reading->sum)
        return fail_entry(reading, entry, "the sum of its bytes is not that of its header");
    return 0;
}

/* What was read of an entry. */
struct take_progress {
    uint64_t end;
    uint32_t sum;
};

/* The next bytes of the entry; sparse parts stay holes. `*ended` when there are none. */
static int spool_block(struct archive_reading *reading, struct archive_entry *entry,
                       struct take_progress *progress, bool *ended)
{
    const void *bytes;
    size_t length;
    la_int64_t offset;
    int status = archive_read_data_block(reading->archive, &bytes, &length, &offset);
    *ended = status == ARCHIVE_EOF;
    if (*ended)
        return 0;
    if (status != ARCHIVE_OK || offset < 0)
        return fail_data(reading, entry, status);
    uint64_t end = (uint64_t)offset + length;
    if (end <= CRAMFS_MAX_FILE_SIZE && !spool_put(reading->spool, bytes, length, (uint64_t)offset))
        return fail_spool(reading);
    progress->end = end > progress->end ? end : progress->end;
    progress->sum = reading->has_sum ? add_bytes(progress->sum, bytes, length) : 0;
    return 0;
}

/*
 * Copies the entry's bytes to the end of the spool. A file of which only its bytes tell that the
 * format cannot hold it is read on, and told, but no more is kept.
 */
static int spool_data(struct archive_reading *reading, struct archive_entry *entry,
                      struct cramfs_node *node)
{
    struct take_progress progress = {0};
    bool ended = false;
    int error = 0;
    if (!reading->spool)
        error = spool_create(reading->tree, reading->path, reading->diags, &reading->spool);
    while (!error && !ended)
        error = spool_block(reading, entry, &progress, &ended);
    if (!error)
        error = check_end(reading, entry, progress.end, progress.sum);
    node->size = progress.end > node->size ? progress.end : node->size;
    if (!error && !spool_end(reading->spool, node))
        error = fail_spool(reading);
    if (!error && node->size <= CRAMFS_MAX_FILE_SIZE) /* more than that is not kept */
        error = taken_count(reading->tree, node->size, reading->path, reading->diags);
    if (error)
        node->size = 0; /* which no source has */
    return error;
}

static int take_file(struct archive_reading *reading, struct archive_entry *entry,
                     struct cramfs_node *node)
{
    if (archive_entry_size_is_set(entry))
        node->size = (uint64_t)archive_entry_size(entry);
    /* One that the format cannot hold will be told as such; its bytes need not be kept. */
    if (node->size > CRAMFS_MAX_FILE_SIZE)
        return 0;
    return spool_data(reading, entry, node);
}

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

/* libarchive's numbers are wider than any system's: one that does not fit is told, and never cut.
 */
static int take_number(const struct archive_reading *reading, const char *path, const char *what,
                       la_int64_t number, uint32_t *to)
{
    if (number < 0 || number > UINT32_MAX)
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, path, "%s %" PRId64 " is none", what,
                           (int64_t)number);
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

static int copy_node(const struct archive_reading *reading, struct cramfs_node *to,
                     const struct cramfs_node *from)
{
    to->uid = from->uid;
    to->gid = from->gid;
    to->major = from->major;
    to->minor = from->minor;
    to->size = from->size;
    to->source = from->source;
    to->source_offset = from->source_offset;
    if (!from->target)
        return 0;
    to->target = strdup(from->target);
    return to->target ? 0 : cramfs_fail_memory(reading->diags);
}

static bool lacks_bytes(const struct cramfs_node *node)
{
    return S_ISREG(node->mode) && !node->size;
}

static uint64_t hash_target(const struct cramfs_node *target)
{
    return hash_mix(0, target->serial);
}

struct wanted_target {
    const struct archive_reading *reading;
    const struct cramfs_node *target;
};

static bool has_target(void *context, uint32_t number)
{
    const struct wanted_target *wanted = context;
    return wanted->reading->links[number].target == wanted->target;
}

static struct hard_link *first_link(const struct archive_reading *reading,
                                    const struct cramfs_node *target)
{
    struct wanted_target wanted = {reading, target};
    uint32_t number;
    bool found =
        hash_index_find(&reading->by_target, hash_target(target), has_target, &wanted, &number);
    return found ? &reading->links[number] : NULL;
}

/* Remembers a link for when the bytes of `target` come; the first stays the first. */
static int add_link(struct archive_reading *reading, struct cramfs_node *node,
                    struct cramfs_node *target)
{
    uint32_t number = (uint32_t)reading->links_count;
    if (number == NO_LINK || !ARRAY_GROW(reading, links))
        return cramfs_fail_memory(reading->diags);
    struct hard_link *first = first_link(reading, target);
    reading->links[reading->links_count++] =
        (struct hard_link){node, target, first ? first->next : NO_LINK};
    if (first)
        first->next = number;
    else if (hash_index_add(&reading->by_target, hash_target(target), number) != 0)
        return cramfs_fail_memory(reading->diags);
    return 0;
}

/* The bytes of `target` have come: they are those of its other names, too, and settle each once. */
static int settle_links(const struct archive_reading *reading, const struct cramfs_node *target)
{
    int error = 0;
    struct hard_link *link = first_link(reading, target);
    while (link && !error) {
        struct cramfs_node *node = link->node;
        /* Something else may have taken the name since. */
        if (node && !node->removed && lacks_bytes(node))
            error = copy_node(reading, node, target);
        uint32_t next = link->next;
        link->node = NULL;
        link->next = NO_LINK;
        link = next == NO_LINK ? NULL : &reading->links[next];
    }
    return error;
}

static int link_node(struct archive_reading *reading, struct archive_entry *entry, const char *path,
                     struct cramfs_node *target)
{
    struct cramfs_node *node;
    int error = cramfs_tree_put_path(reading->tree, path, target->mode, reading->diags, &node);
    if (error)
        return error;
    second_name(node, archive_entry_pathname(entry));
    node->linked = true;
    target->linked = true;
    error = lacks_bytes(target) ? add_link(reading, node, target) : 0;
    return error ? error : copy_node(reading, node, target);
}

/* A name for a file that came before, perhaps its own again. Some archives have the bytes here. */
static int take_hard_link_to(struct archive_reading *reading, struct archive_entry *entry,
                             const char *path, const char *name)
{
    struct cramfs_node *target = layers_lookup(reading->tree, name);
    if (!target || S_ISDIR(target->mode))
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, path,
                           "is a hard link to '%s', which did not come before it", name);
    int error = 0;
    if (layers_lookup(reading->tree, path) != target)
        error = link_node(reading, entry, path, target);
    bool has_bytes = archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0;
    if (error || !has_bytes || !lacks_bytes(target))
        return error;
    error = take_file(reading, entry, target);
    return error ? error : settle_links(reading, target);
}

/* By the path that it will have. */
static int is_excluded(const struct archive_reading *reading, const char *path)
{
    struct cramfs_excludes *excludes = reading->tree->excludes;
    if (!excludes || !excludes->list_count)
        return 0;
    char *last = layers_path(reading->tree, path);
    int excluded = last ? cramfs_excludes_fit(excludes, last) : -CRAMFS_ERR_MEMORY;
    free(last);
    return excluded;
}

static int take_hard_link(struct archive_reading *reading, struct archive_entry *entry,
                          const char *path)
{
    char *name;
    int error = part_place_target(reading->tree, path, archive_entry_hardlink(entry),
                                  reading->diags, &name);
    if (!error)
        error = take_hard_link_to(reading, entry, path, name);
    free(name);
    return error;
}

/* The entry, whose path in the tree is known. */
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
    if (mode > UINT16_MAX) /* cpio has 32 bits for it, and no system more than 16 */
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, path, "mode 0%" PRIo32 " is none",
                           mode);
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
        return take_file(reading, entry, node);
    case S_IFLNK:
        return take_link(reading, entry, node);
    case S_IFDIR:
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
    case S_IFSOCK:
        return 0;
    default:
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, path, "it has no type (mode 0%o)",
                           node->mode);
    }
}

/* What an opaque directory above the part says is deleted is more than the part. */
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

static bool has_bytes(struct archive_entry *entry)
{
    return archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0;
}

/* A link to what is not of the part is a file of its own when its bytes are here. */
static bool is_link(const struct archive_reading *reading, struct archive_entry *entry)
{
    const char *target = archive_entry_hardlink(entry);
    if (target && has_bytes(entry) && !part_has(reading->tree, target))
        archive_entry_set_hardlink(entry, NULL);
    return archive_entry_hardlink(entry);
}

/* Where names are dropped, a hard link may come to be one onto itself, which is nothing. */
static bool is_same_file(const struct cramfs_node *there, struct archive_entry *entry)
{
    const char *target = archive_entry_hardlink(entry);
    return target && there && !S_ISDIR(there->mode) && !second_is_other(there, target);
}

/* Another entry of the archive has come to the place of this one, and would be lost. */
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
