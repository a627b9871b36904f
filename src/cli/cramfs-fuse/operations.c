#include "cli/cramfs-fuse/operations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cramfs-fuse/mounted.h"
#include "read/mount/attributes.h"

/* Seconds for which an answer may be kept: an image never changes. */
static const double FOREVER = 1e9;

static struct mounted *mounted_of(fuse_req_t request)
{
    return fuse_req_userdata(request);
}

static const struct cramfs_entry *entry_of(fuse_req_t request, fuse_ino_t node)
{
    return &mounted_of(request)->survey.entries.list[node - FUSE_ROOT_ID];
}

static int system_error(int error)
{
    return error == -CRAMFS_ERR_MEMORY ? ENOMEM : EIO;
}

static void serve_init(void *context, struct fuse_conn_info *connection)
{
    struct mounted *mounted = context;
    mounted->opens_itself = connection->capable & FUSE_CAP_NO_OPEN_SUPPORT;
    mounted->opens_directories_itself = connection->capable & FUSE_CAP_NO_OPENDIR_SUPPORT;
#ifdef FUSE_CAP_CACHE_SYMLINKS
    connection->want |= connection->capable & FUSE_CAP_CACHE_SYMLINKS;
#endif
}

/* A node's attributes, with its number; without it for a type that kernels do not know. */
static struct fuse_entry_param describe(const struct mounted *mounted, uint32_t number)
{
    const struct cramfs_entries *entries = &mounted->survey.entries;
    struct fuse_entry_param param = {.attr_timeout = FOREVER, .entry_timeout = FOREVER};
    attributes_of_entry(&mounted->image, entries, number, &param.attr);
    if (attributes_known_type(&entries->list[number].inode))
        param.ino = (fuse_ino_t)number + FUSE_ROOT_ID;
    return param;
}

static void serve_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    const struct mounted *mounted = mounted_of(request);
    uint32_t directory = (uint32_t)(parent - FUSE_ROOT_ID);
    uint32_t number = nodes_find(&mounted->nodes, directory, name, strlen(name));
    struct fuse_entry_param param = {.entry_timeout = FOREVER}; /* node 0: no entry */
    if (number != CRAMFS_NO_ENTRY)
        param = describe(mounted, number);
    bool unknown =
        number == CRAMFS_NO_ENTRY ? nodes_incomplete(&mounted->nodes, directory) : !param.ino;
    if (unknown)
        fuse_reply_err(request, EIO);
    else
        fuse_reply_entry(request, &param);
}

static void serve_getattr(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
    (void)file;
    struct fuse_entry_param param = describe(mounted_of(request), (uint32_t)(node - FUSE_ROOT_ID));
    fuse_reply_attr(request, &param.attr, FOREVER);
}

static void serve_readlink(fuse_req_t request, fuse_ino_t node)
{
    char *target;
    int error = pages_target(mounted_of(request)->pages, &entry_of(request, node)->inode, &target);
    if (error) {
        fuse_reply_err(request, system_error(error));
        return;
    }
    fuse_reply_readlink(request, target);
    free(target);
}

/*
 * After ENOSYS a kernel opens files without a request, and keeps the pages that it has read.
 * Kernels too old for that get an answer.
 */
static void serve_open(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
    (void)node;
    file->keep_cache = 1;
    if (mounted_of(request)->opens_itself)
        fuse_reply_err(request, ENOSYS);
    else
        fuse_reply_open(request, file);
}

static void serve_opendir(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
    (void)node;
    file->keep_cache = 1;
    file->cache_readdir = 1;
    if (mounted_of(request)->opens_directories_itself)
        fuse_reply_err(request, ENOSYS);
    else
        fuse_reply_open(request, file);
}

static void serve_read(fuse_req_t request, fuse_ino_t node, size_t length, off_t offset,
                       struct fuse_file_info *file)
{
    (void)file;
    size_t got;
    unsigned char *bytes = malloc(length);
    int error = bytes ? pages_read(mounted_of(request)->pages, &entry_of(request, node)->inode,
                                   (uint64_t)offset, length, bytes, &got)
                      : -CRAMFS_ERR_MEMORY;
    if (error)
        fuse_reply_err(request, system_error(error));
    else
        fuse_reply_buf(request, (const char *)bytes, got);
    free(bytes);
}

/* Adds one child to a list for the kernel; returns how many bytes it takes, more than `room` when
 * it is not added. */
static size_t add_child(fuse_req_t request, uint32_t number, bool plus, off_t next, char *to,
                        size_t room)
{
    const struct mounted *mounted = mounted_of(request);
    const struct cramfs_entry *entry = &mounted->survey.entries.list[number];
    struct fuse_entry_param param = describe(mounted, number);
    char name[CRAMFS_MAX_NAME + 1];
    memcpy(name, entry->name, entry->name_bytes);
    name[entry->name_bytes] = '\0';
    return plus ? fuse_add_direntry_plus(request, to, room, name, &param, next)
                : fuse_add_direntry(request, to, room, name, &param.attr, next);
}

/*
 * Children from number `offset` on, as many as have room. The kernel's cramfs lists neither "." nor
 * "..". If damage has cut the list, its end is an error.
 */
static void list_children(fuse_req_t request, fuse_ino_t node, size_t room, off_t offset, bool plus)
{
    const struct nodes *nodes = &mounted_of(request)->nodes;
    uint32_t directory = (uint32_t)(node - FUSE_ROOT_ID);
    uint64_t index = (uint64_t)offset;
    size_t used = 0;
    if (index >= nodes_count(nodes, directory) && nodes_incomplete(nodes, directory)) {
        fuse_reply_err(request, EIO);
        return;
    }
    char *list = malloc(room);
    if (!list) {
        fuse_reply_err(request, ENOMEM);
        return;
    }
    for (; index < nodes_count(nodes, directory); index++) {
        uint32_t child = nodes_child(nodes, directory, (uint32_t)index);
        size_t length = add_child(request, child, plus, (off_t)index + 1, list + used, room - used);
        if (length > room - used)
            break;
        used += length;
    }
    fuse_reply_buf(request, list, used);
    free(list);
}

static void serve_readdir(fuse_req_t request, fuse_ino_t node, size_t room, off_t offset,
                          struct fuse_file_info *file)
{
    (void)file;
    list_children(request, node, room, offset, false);
}

static void serve_readdirplus(fuse_req_t request, fuse_ino_t node, size_t room, off_t offset,
                              struct fuse_file_info *file)
{
    (void)file;
    list_children(request, node, room, offset, true);
}

static void serve_statfs(fuse_req_t request, fuse_ino_t node)
{
    (void)node;
    struct statvfs status;
    attributes_of_image(&mounted_of(request)->image, &status);
    fuse_reply_statfs(request, &status);
}

const struct fuse_lowlevel_ops operations = {
    .init = serve_init,
    .lookup = serve_lookup,
    .getattr = serve_getattr,
    .readlink = serve_readlink,
    .open = serve_open,
    .read = serve_read,
    .opendir = serve_opendir,
    .readdir = serve_readdir,
    .readdirplus = serve_readdirplus,
    .statfs = serve_statfs,
};
