#include "tree/directory/disk.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

void disk_take_status(struct cramfs_node *node, const struct stat *status)
{
    node->mode = status->st_mode;
    node->uid = status->st_uid;
    node->gid = status->st_gid;
    node->modified_seconds = status->st_mtim.tv_sec;
    node->modified_nanoseconds = (uint32_t)status->st_mtim.tv_nsec;
    if (S_ISREG(status->st_mode))
        node->size = (uint64_t)status->st_size;
    if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode)) {
        node->major = major(status->st_rdev);
        node->minor = minor(status->st_rdev);
    }
}

int disk_refuse(const struct cramfs_tree *tree, struct cramfs_node *node, const char *what,
                struct cramfs_diags *diags)
{
    int system_error = errno;
    bool allowed = tree->allow & CRAMFS_LOSS_BIT(CRAMFS_LOSS_UNREADABLE) && node->parent;
    int error = cramfs_node_report(diags, allowed ? CRAMFS_ALLOWED : CRAMFS_ERROR, CRAMFS_ERR_IO,
                                   node, "cannot %s: %s%s", what, strerror(system_error),
                                   allowed ? "; left out" : "");
    if (!allowed)
        return error;
    if (!node->children_count) /* a directory with entries of an earlier source stays */
        cramfs_tree_remove(node);
    return 0;
}

struct disk_target disk_read_target(int link, const struct stat *status)
{
    /* st_size is only a hint: some file systems give 0. One byte more shows a cut target. */
    size_t capacity = status->st_size > 0 ? (size_t)status->st_size + 1 : PATH_MAX;
    for (;;) {
        char *bytes = malloc(capacity);
        if (!bytes)
            return (struct disk_target){.system_error = ENOMEM};
        ssize_t length = readlinkat(link, "", bytes, capacity);
        if (length >= 0 && (size_t)length < capacity) {
            bytes[length] = '\0';
            return (struct disk_target){bytes, (size_t)length, 0};
        }
        int error = errno;
        free(bytes);
        if (length < 0)
            return (struct disk_target){.system_error = error};
        capacity *= 2;
    }
}

int disk_take_target(const struct cramfs_tree *tree, struct cramfs_node *node,
                     struct disk_target *target, struct cramfs_diags *diags)
{
    errno = target->system_error;
    if (!target->bytes)
        return errno == ENOMEM ? cramfs_fail_memory(diags)
                               : disk_refuse(tree, node, "read the link", diags);
    node->target = target->bytes;
    node->size = target->length;
    target->bytes = NULL;
    return 0;
}

int disk_fail_changed(const struct cramfs_node *node, struct cramfs_diags *diags)
{
    return cramfs_node_fail(
        diags, CRAMFS_ERR_CHANGED, node,
        "the file changed while the image was built; build again from a tree that does not change");
}

static bool unchanged(const struct cramfs_node *node, const struct stat *now)
{
    return S_ISREG(now->st_mode) && (uint64_t)now->st_size == node->size &&
           now->st_mtim.tv_sec == node->modified_seconds &&
           (uint32_t)now->st_mtim.tv_nsec == node->modified_nanoseconds;
}

int disk_read_file(int file, const struct cramfs_node *node, void *to, struct cramfs_diags *diags)
{
    uint64_t done = 0;
    while (done < node->size) {
        ssize_t got = read(file, (unsigned char *)to + done, (size_t)(node->size - done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cramfs_node_fail(diags, CRAMFS_ERR_IO, node,
                                    "cannot read at offset %" PRIu64 ": %s", done, strerror(errno));
        if (got == 0)
            break;
        done += (uint64_t)got;
    }
    struct stat now;
    if (fstat(file, &now) != 0)
        return cramfs_node_fail(diags, CRAMFS_ERR_IO, node, "cannot examine: %s", strerror(errno));
    if (done < node->size || !unchanged(node, &now))
        return disk_fail_changed(node, diags);
    return 0;
}
