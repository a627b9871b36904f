#include "tree/losses.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "tree/whiteouts.h"

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

/* The file's attribute names, each ended by a NUL; 0 when there are none or they cannot be told. */
static size_t list_names(const char *path, char **names)
{
    ssize_t length = llistxattr(path, NULL, 0);
    *names = length > 0 ? malloc((size_t)length) : NULL;
    if (!*names)
        return 0;
    length = llistxattr(path, *names, (size_t)length);
    return length > 0 ? (size_t)length : 0;
}

/* The value of an attribute that overlayfs may have set. */
static bool is_opaque(const char *path, const char *name)
{
    char value[2];
    if (!strstr(name, ".overlay.opaque"))
        return false;
    ssize_t length = lgetxattr(path, name, value, sizeof(value));
    return length > 0 && whiteouts_is_opaque(name, value, (size_t)length);
}

bool losses_count_xattrs(struct cramfs_losses *losses, int directory, const char *name)
{
    /* There is no llistxattrat(2): procfs names the directory that is open, however deep it is. */
    char path[NAME_MAX + 64];
    if (snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory, name) >= (int)sizeof(path))
        return false;
    char *names;
    size_t length = list_names(path, &names);
    bool opaque = false;
    for (size_t at = 0; at < length; at += strlen(names + at) + 1) {
        losses_count_xattr(losses, names + at);
        opaque |= is_opaque(path, names + at);
    }
    free(names);
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
