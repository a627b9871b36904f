/*
 * An archive as the source of a tree: everything that libarchive reads.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/io.h"
#include "cramfs/format.h"
#include "cramfs/tree.h"
#include "tree/xattrs.h"

/* The files' bytes, one behind the other in a file without a name: an archive is read only once. */
struct spool {
    struct cramfs_source base;
    int file;
    uint64_t size;
};

/* A hard link to a file without bytes as yet: cpio has them with the last of its names. */
struct hard_link {
    struct cramfs_node *node;
    struct cramfs_node *target;
};

struct reading {
    struct cramfs_tree *tree;
    const char *path;
    struct cramfs_diags *diags;
    struct archive *archive;
    struct spool *spool;
    struct hard_link *links;
    size_t links_count;
    size_t links_capacity;
};

enum { READ_BYTES = 1 << 20 };

static int read_spool(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                      struct cramfs_diags *diags)
{
    const struct spool *spool = (const struct spool *)base;
    if (io_read_at(spool->file, to, node->size, node->source_offset))
        return 0;
    return cramfs_node_fail(diags, CRAMFS_ERR_IO, node, "cannot read it back: %s", strerror(errno));
}

static void free_spool(struct cramfs_source *base)
{
    struct spool *spool = (struct spool *)base;
    if (spool->file >= 0)
        close(spool->file);
    free(spool);
}

static int open_nameless(void)
{
    const char *directory = getenv("TMPDIR");
    if (!directory || !*directory)
        directory = "/tmp";
    int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return file;
    /* A file system that cannot make one without a name: give it one for a moment. */
    char name[4096];
    if (snprintf(name, sizeof(name), "%s/cramfs-xip.XXXXXX", directory) >= (int)sizeof(name)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    file = mkostemp(name, O_CLOEXEC);
    if (file >= 0)
        unlink(name);
    return file;
}

static int make_spool(struct reading *reading)
{
    struct spool *spool = calloc(1, sizeof(*spool));
    if (!spool)
        return cramfs_fail_memory(reading->diags);
    spool->base = (struct cramfs_source){read_spool, free_spool, reading->tree->sources};
    spool->file = open_nameless();
    reading->tree->sources = &spool->base;
    reading->spool = spool;
    if (spool->file >= 0)
        return 0;
    return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                       "cannot make a temporary file: %s; TMPDIR names another place",
                       strerror(errno));
}

static int fail_archive(const struct reading *reading)
{
    const char *why = archive_error_string(reading->archive);
    return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path, "cannot read the archive: %s",
                       why ? why : "it is damaged");
}

/* Copies the entry's bytes to the end of the spool; sparse parts stay holes there. */
static int spool_data(struct reading *reading, struct cramfs_node *node)
{
    struct spool *spool = reading->spool;
    for (;;) {
        const void *bytes;
        size_t length;
        la_int64_t offset;
        int result = archive_read_data_block(reading->archive, &bytes, &length, &offset);
        if (result == ARCHIVE_EOF)
            break;
        if (result < ARCHIVE_WARN)
            return fail_archive(reading);
        if (!io_write_at(spool->file, bytes, length, spool->size + (uint64_t)offset))
            return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                               "cannot keep its files: %s; TMPDIR names another place",
                               strerror(errno));
        if ((uint64_t)offset + length > node->size)
            node->size = (uint64_t)offset + length;
    }
    node->source = &spool->base;
    node->source_offset = spool->size;
    spool->size += node->size;
    if (ftruncate(spool->file, (off_t)spool->size) != 0)
        return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                           "cannot keep its files: %s", strerror(errno));
    return 0;
}

static int take_file(struct reading *reading, struct archive_entry *entry, struct cramfs_node *node)
{
    if (archive_entry_size_is_set(entry))
        node->size = (uint64_t)archive_entry_size(entry);
    /* One that the format cannot hold will be told as such; its bytes need not be kept. */
    if (node->size > CRAMFS_MAX_FILE_SIZE)
        return 0;
    return spool_data(reading, node);
}

static int take_link(struct reading *reading, struct archive_entry *entry, struct cramfs_node *node)
{
    const char *target = archive_entry_symlink(entry);
    node->target = strdup(target ? target : "");
    if (!node->target)
        return cramfs_fail_memory(reading->diags);
    node->size = strlen(node->target);
    return 0;
}

static void count_losses(const struct reading *reading, struct archive_entry *entry)
{
    struct cramfs_losses *losses = &reading->tree->losses;
    const char *name;
    const void *value;
    size_t size;
    archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
        xattrs_count(losses, name);
    losses->acls += archive_entry_acl_types(entry) != 0;
}

/* libarchive's numbers are wider than any system's: one that does not fit is told, and never cut.
 */
static int take_number(const struct reading *reading, const char *path, const char *what,
                       la_int64_t number, uint32_t *to)
{
    if (number < 0 || number > UINT32_MAX)
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, path, "%s %" PRId64 " is none", what,
                           (int64_t)number);
    *to = (uint32_t)number;
    return 0;
}

static int take_attributes(const struct reading *reading, const char *path,
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

static int copy_node(const struct reading *reading, struct cramfs_node *to,
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

/* The bytes of `target` have come: they are those of its other names, too. */
static int settle_links(const struct reading *reading, const struct cramfs_node *target)
{
    int error = 0;
    for (size_t i = 0; !error && i < reading->links_count; i++) {
        struct cramfs_node *node = reading->links[i].node;
        /* Something else may have taken the name since. */
        if (reading->links[i].target == target && !node->removed && lacks_bytes(node))
            error = copy_node(reading, node, target);
    }
    return error;
}

static int link_node(struct reading *reading, const char *path, struct cramfs_node *target)
{
    struct cramfs_node *node;
    int error = cramfs_tree_put_path(reading->tree, path, target->mode, reading->diags, &node);
    if (error)
        return error;
    if (lacks_bytes(target)) {
        if (!ARRAY_GROW(reading, links))
            return cramfs_fail_memory(reading->diags);
        reading->links[reading->links_count++] = (struct hard_link){node, target};
    }
    return copy_node(reading, node, target);
}

/* A name for a file that came before, perhaps its own again. Some archives have the bytes here. */
static int take_hard_link(struct reading *reading, struct archive_entry *entry, const char *path)
{
    const char *name = archive_entry_hardlink(entry);
    struct cramfs_node *target = cramfs_tree_lookup(reading->tree, name);
    if (!target || S_ISDIR(target->mode))
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, path,
                           "is a hard link to '%s', which did not come before it", name);
    int error = 0;
    if (cramfs_tree_lookup(reading->tree, path) != target)
        error = link_node(reading, path, target);
    bool has_bytes = archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0;
    if (error || !has_bytes || !lacks_bytes(target))
        return error;
    error = take_file(reading, entry, target);
    return error ? error : settle_links(reading, target);
}

static int take_entry(struct reading *reading, struct archive_entry *entry)
{
    const char *path = archive_entry_pathname(entry);
    if (!path)
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->path,
                           "an entry's name cannot be read");
    if (reading->tree->excludes && cramfs_excludes_fit(reading->tree->excludes, path))
        return 0;
    if (archive_entry_hardlink(entry))
        return take_hard_link(reading, entry, path);
    struct cramfs_node *node;
    int error =
        cramfs_tree_put_path(reading->tree, path, archive_entry_mode(entry), reading->diags, &node);
    if (error)
        return error;
    error = take_attributes(reading, path, entry, node);
    if (error)
        return error;
    count_losses(reading, entry);
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

/*
 * Passes on what libarchive thinks of an entry that it could read all the same. Of a name that the
 * archive calls UTF-8 and is not, it says that it keeps the bytes: that is all we want of names.
 */
static void pass_on_warning(const struct reading *reading)
{
    const char *text = archive_error_string(reading->archive);
    if (text && !strstr(text, "can't be converted"))
        cramfs_report(reading->diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, reading->path, "%s", text);
}

/* All entries that can be taken are, so that all that is wrong is told. */
static int take_entries(struct reading *reading)
{
    int result = 0;
    for (;;) {
        struct archive_entry *entry;
        int status = archive_read_next_header(reading->archive, &entry);
        if (status == ARCHIVE_EOF)
            break;
        if (status < ARCHIVE_WARN)
            return fail_archive(reading);
        if (status == ARCHIVE_WARN)
            pass_on_warning(reading);
        int error = take_entry(reading, entry);
        if (error && error != -CRAMFS_ERR_FORMAT)
            return error;
        if (error)
            result = error;
    }
    return result;
}

/*
 * All but mtree, which libarchive would read with the contents of whatever lies where we happen to
 * be, and "raw", which takes anything for one file.
 */
static void support_formats(struct archive *archive)
{
    archive_read_support_format_7zip(archive);
    archive_read_support_format_ar(archive);
    archive_read_support_format_cab(archive);
    archive_read_support_format_cpio(archive);
    archive_read_support_format_empty(archive);
    archive_read_support_format_iso9660(archive);
    archive_read_support_format_lha(archive);
    archive_read_support_format_rar(archive);
    archive_read_support_format_rar5(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_xar(archive);
    archive_read_support_format_zip(archive);
}

static int open_archive(struct reading *reading)
{
    reading->archive = archive_read_new();
    if (!reading->archive)
        return cramfs_fail_memory(reading->diags);
    archive_read_support_filter_all(reading->archive);
    support_formats(reading->archive);
    const char *file = strcmp(reading->path, "-") == 0 ? NULL : reading->path;
    if (archive_read_open_filename(reading->archive, file, READ_BYTES) != ARCHIVE_OK)
        return fail_archive(reading);
    return make_spool(reading);
}

int cramfs_tree_read_archive(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags)
{
    struct reading reading = {.tree = tree, .path = path, .diags = diags};
    /*
     * libarchive turns names from an archive's character set into that of the locale, and loses
     * those that it does not have. Names are bytes here, and archives that say what theirs are say
     * UTF-8; so that is the locale, for this thread and while this lasts.
     */
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    int error = open_archive(&reading);
    if (!error)
        error = take_entries(&reading);
    archive_read_free(reading.archive);
    free(reading.links);
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    return error;
}
