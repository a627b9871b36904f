#include "tree/losses.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tree/layers/whiteouts.h"

void losses_count_xattr(struct cramfs_losses *losses, const char *name)
{
    if (strcmp(name, "security.capability") == 0)
        losses->capabilities++;
    else if (strcmp(name, "security.selinux") == 0)
        losses->selinux_labels++;
    else if (strncmp(name, "system.posix_acl_", strlen("system.posix_acl_")) == 0)
        losses->acls++;
    else
        losses->other_xattrs++;
}

/* What is asked: by a path through procfs, or without one what is open. */
struct asked {
    const char *path;
    int file;
};

static ssize_t list_names(const struct asked *asked, char *to, size_t size)
{
    return asked->path ? llistxattr(asked->path, to, size) : flistxattr(asked->file, to, size);
}

/* The value of an attribute that overlayfs may have set. */
static bool is_opaque(const struct asked *asked, const char *name)
{
    char value[2];
    if (!strstr(name, ".overlay.opaque"))
        return false;
    ssize_t length = asked->path ? lgetxattr(asked->path, name, value, sizeof(value))
                                 : fgetxattr(asked->file, name, value, sizeof(value));
    return length > 0 && whiteouts_is_opaque(name, value, (size_t)length);
}

/* False when the names cannot be had, with errno. */
static bool count_listed(struct cramfs_losses *losses, const struct asked *asked, bool *opaque)
{
    ssize_t length = list_names(asked, NULL, 0);
    if (length <= 0) /* a file system without attributes has none */
        return length == 0 || errno == ENOTSUP;
    char *names = malloc((size_t)length);
    length = names ? list_names(asked, names, (size_t)length) : -1;
    for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
        losses_count_xattr(losses, names + at);
        *opaque |= is_opaque(asked, names + at);
    }
    free(names);
    return length >= 0;
}

/* Without procfs, for what can be opened and does nothing then: a file or a directory. */
static bool count_opened(struct cramfs_losses *losses, int directory, const char *name, mode_t mode,
                         bool *opaque)
{
    if (!S_ISREG(mode) && !S_ISDIR(mode))
        return false;
    struct asked asked = {
        NULL, openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    bool counted = asked.file >= 0 && count_listed(losses, &asked, opaque);
    if (asked.file >= 0)
        close(asked.file);
    return counted;
}

bool losses_count_xattrs(struct cramfs_losses *losses, int directory, const char *name, mode_t mode)
{
    /* There is no llistxattrat(2): procfs names the directory that is open, however deep it is. */
    char path[NAME_MAX + 64];
    const struct asked asked = {path, -1};
    bool opaque = false;
    int length = snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory, name);
    if (length < (int)sizeof(path) && count_listed(losses, &asked, &opaque))
        return opaque;
    if (!count_opened(losses, directory, name, mode, &opaque))
        losses->unasked++;
    return opaque;
}

/* Of the nodes that are left, since another source may have taken the place of a name. */
static uint64_t count_links(const struct cramfs_tree *tree)
{
    uint64_t count = 0;
    for (const struct cramfs_node *node = NULL; (node = cramfs_tree_next(tree, node));)
        count += node->linked;
    return count;
}

int cramfs_tree_report_losses(const struct cramfs_tree *tree, struct cramfs_diags *diags)
{
    const struct cramfs_losses *losses = &tree->losses;
    bool allowed = tree->allow & CRAMFS_LOSS_BIT(CRAMFS_LOSS_XATTR);
    enum cramfs_severity severity = allowed ? CRAMFS_WARNING : CRAMFS_ERROR;
    int result = 0;
    const struct {
        uint64_t count;
        enum cramfs_severity severity;
        const char *what;
    } classes[] = {
        {losses->capabilities, severity,
         "file capabilities left out: the format has none; have the programs set-uid, or set them "
         "on another file system"},
        {losses->acls, severity, "access control lists left out: the format has none"},
        {losses->other_xattrs, severity, "extended attributes left out: the format has none"},
        {losses->unasked, severity,
         "files could not be asked for capabilities, access control lists and other extended "
         "attributes; mount /proc, through which links and devices are asked, too"},
        {losses->selinux_labels, CRAMFS_NOTE, "SELinux labels left out: the format has none"},
        {count_links(tree), CRAMFS_NOTE,
         "names of hard-linked files became files of their own: the format has no link counts; "
         "their bytes are stored once"},
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (!classes[i].count)
            continue;
        int error = cramfs_report(diags, classes[i].severity, CRAMFS_ERR_LIMIT, NULL,
                                  "%" PRIu64 " %s", classes[i].count, classes[i].what);
        result = classes[i].severity == CRAMFS_ERROR ? error : result;
    }
    return result;
}
