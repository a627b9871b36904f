#include "walk.h"

#include "md5.h"
#include "record.h"
#include "sys.h"
#include "text.h"

/* As getdents64(2) gives it; the kernel's headers keep it to themselves. */
struct entry {
    uint64_t inode;
    uint64_t next;
    uint16_t length;
    uint8_t type;
    char name[];
};

static char path[PATH_LIMIT + 1];

static void record_hash(const char *key, struct md5 *hash)
{
    uint8_t digest[MD5_SIZE];

    md5_final(hash, digest);
    record_hex(key, digest, sizeof(digest));
}

/* Returns 0, or the error that read(2) gave. */
static long hash_by_read(int file, struct md5 *hash)
{
    static char buffer[1 << 16];
    long got;

    md5_init(hash);
    while ((got = sys_read(file, buffer, sizeof(buffer))) > 0)
        md5_update(hash, buffer, (size_t)got);
    return got;
}

/* Bytes after the file's end in its last page that a program could see: POSIX requires zeroes. */
static uint64_t count_nonzero(const char *map, size_t size)
{
    uint64_t nonzero = 0;

    for (size_t i = size; i % PAGE_SIZE != 0; i++)
        nonzero += map[i] != 0;
    return nonzero;
}

static void record_bytes(int file, size_t size)
{
    struct md5 by_read, by_mmap;
    uint64_t nonzero_tail = 0;
    long error = hash_by_read(file, &by_read);

    md5_init(&by_mmap);
    if (size > 0) {
        long map = sys_map(size, PROT_READ, false, file, 0);

        if (sys_failed(map))
            die("mmap", path, map);
        /* After a failed read(2) the pages cannot be touched either: that would be SIGBUS. */
        if (!error) {
            md5_update(&by_mmap, (const char *)map, size);
            nonzero_tail = count_nonzero((const char *)map, size);
        }
        sys_unmap((const char *)map, size);
    }
    if (error)
        record_errno("read_error", error);
    record_hash("read", &by_read);
    record_hash("mmap", &by_mmap);
    record_number("nonzero_tail", nonzero_tail);
}

static void record_file(int parent, const char *name, const struct statx *status)
{
    long file = sys_open(parent, name, O_RDONLY | O_NOFOLLOW);

    if (file < 0) {
        record_errno("read_error", file);
        return;
    }
    record_bytes((int)file, (size_t)status->stx_size);
    sys_close((int)file);
}

static void record_link(int parent, const char *name)
{
    static char target[PAGE_SIZE];
    long length = sys_readlink(parent, name, target, sizeof(target));

    if (length < 0)
        record_errno("read_error", length);
    else
        record_hex("target", target, (size_t)length);
}

static const char *type_name(unsigned mode)
{
    /* The names are in the table itself: pointers would need relocation. */
    static const struct {
        unsigned type;
        char name[12];
    } types[] = {
        {S_IFREG, "file"},  {S_IFDIR, "directory"}, {S_IFLNK, "symlink"}, {S_IFCHR, "char"},
        {S_IFBLK, "block"}, {S_IFIFO, "fifo"},      {S_IFSOCK, "socket"},
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (types[i].type == (mode & S_IFMT))
            return types[i].name;
    }
    return "unknown";
}

static void record_node(const char *mount, int parent, const char *name, const struct statx *status)
{
    unsigned mode = status->stx_mode;

    record_begin("node");
    record_text("mount", mount);
    record_hex("path", path, text_length(path));
    record_text("type", type_name(mode));
    record_number("mode", mode & 07777);
    record_number("uid", status->stx_uid);
    record_number("gid", status->stx_gid);
    if (S_ISREG(mode) || S_ISLNK(mode))
        record_number("size", status->stx_size);
    if (S_ISCHR(mode) || S_ISBLK(mode)) {
        record_number("major", status->stx_rdev_major);
        record_number("minor", status->stx_rdev_minor);
    }
    if (S_ISREG(mode))
        record_file(parent, name, status);
    if (S_ISLNK(mode))
        record_link(parent, name);
    record_end();
}

static void visit(const char *mount, int parent, const char *name);

static void visit_entries(const char *mount, int directory, const char *entries, size_t size)
{
    size_t length = text_length(path);

    for (size_t at = 0; at < size;) {
        const struct entry *entry = (const struct entry *)(const void *)(entries + at);
        const char *parts[] = {length > 0 ? "/" : "", entry->name, NULL};

        at += entry->length;
        if (text_equal(entry->name, ".") || text_equal(entry->name, ".."))
            continue;
        text_join(path + length, sizeof(path) - length, parts);
        visit(mount, directory, entry->name);
        path[length] = 0;
    }
}

/*
 * The directory stays open while its children are visited relative to it: a path may be longer than
 * PATH_MAX.
 */
static void visit_children(const char *mount, int parent, const char *name)
{
    _Alignas(struct entry) char entries[1024];
    long directory = sys_open(parent, name, O_RDONLY | O_DIRECTORY), got;

    if (directory < 0) {
        record_error("opendir", path, directory);
        return;
    }
    while ((got = sys_getdents((int)directory, entries, sizeof(entries))) > 0)
        visit_entries(mount, (int)directory, entries, (size_t)got);
    if (got < 0)
        record_error("readdir", path, got);
    sys_close((int)directory);
}

static void visit(const char *mount, int parent, const char *name)
{
    struct statx status;
    long error = sys_stat(parent, name, AT_SYMLINK_NOFOLLOW, &status);

    if (error) {
        record_error("lookup", path, error);
        return;
    }
    record_node(mount, parent, name, &status);
    if (S_ISDIR(status.stx_mode))
        visit_children(mount, parent, name);
}

void walk(const char *mount, const char *root)
{
    path[0] = 0;
    visit(mount, AT_FDCWD, root);
}
