#include "tree/losses.h"

#include <inttypes.h>
#include <string.h>

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

void losses_add(struct cramfs_losses *losses, const struct cramfs_losses *from)
{
    losses->capabilities += from->capabilities;
    losses->acls += from->acls;
    losses->selinux_labels += from->selinux_labels;
    losses->other_xattrs += from->other_xattrs;
    losses->unasked += from->unasked;
}

/* Counts the remaining nodes only: another source may have replaced a name. */
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
    enum cramfs_severity severity = allowed ? CRAMFS_ALLOWED : CRAMFS_ERROR;
    int result = 0;
    const struct {
        uint64_t count;
        enum cramfs_severity severity;
        const char *what;
    } classes[] = {
        {losses->capabilities, severity,
         "file capabilities left out: the format has none; make the programs set-uid, or keep them "
         "on another file system"},
        {losses->acls, severity, "access control lists left out: the format has none"},
        {losses->other_xattrs, severity, "extended attributes left out: the format has none"},
        {losses->unasked, severity,
         "files could not be examined for capabilities, access control lists and other extended "
         "attributes; mount /proc, which links and devices need for this"},
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
