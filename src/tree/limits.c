#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/remedy.h"
#include "cramfs/format.h"
#include "cramfs/tree.h"

static const char *const loss_names[] = {
    [CRAMFS_LOSS_UID] = "uid",
    [CRAMFS_LOSS_GID] = "gid",
    [CRAMFS_LOSS_SIZE] = "size",
    [CRAMFS_LOSS_NAME] = "name",
    [CRAMFS_LOSS_DEVICE] = "device",
    [CRAMFS_LOSS_DIRECTORY] = "directory",
    [CRAMFS_LOSS_TARGET] = "target",
    [CRAMFS_LOSS_UNREADABLE] = "unreadable",
    [CRAMFS_LOSS_CHANGED] = "changed",
    [CRAMFS_LOSS_XATTR] = "xattr",
    [CRAMFS_LOSS_UNENDED] = "unended",
    [CRAMFS_LOSS_EMPTY] = "empty",
    [CRAMFS_LOSS_REPLACE] = "replace",
    [CRAMFS_LOSS_DAMAGED] = "damaged",
    NULL,
};

const char *const *cramfs_loss_names(void)
{
    return loss_names;
}

struct limits_fitting {
    struct cramfs_tree *tree;
    uint32_t page_size;
    struct cramfs_diags *diags;
    bool failed;
    bool changed;                           /* nodes were removed */
    uint64_t counts[CRAMFS_LOSS_XATTR + 1]; /* of allowed losses, by class */
};

/*
 * A tree with the owners of a plain user can lose the gid of each file: so many are listed, then
 * only counted.
 */
enum { MOST_LISTED = 100 };

/* What to do to avoid the loss. */
static const char *const remedies[] = {
    [CRAMFS_LOSS_UID] = "chown it",
    [CRAMFS_LOSS_GID] = "chgrp it",
    [CRAMFS_LOSS_SIZE] = "split it, or keep it on another file system",
    [CRAMFS_LOSS_NAME] = "rename it",
    [CRAMFS_LOSS_DEVICE] = "leave it to devtmpfs",
    [CRAMFS_LOSS_DIRECTORY] = "spread them over subdirectories",
    [CRAMFS_LOSS_TARGET] = "shorten it",
};

/*
 * Reports a value that does not fit. Returns whether its loss is allowed; the root cannot be left
 * out.
 */
__attribute__((format(printf, 4, 5))) static bool lose(struct limits_fitting *fitting,
                                                       const struct cramfs_node *node,
                                                       enum cramfs_loss loss, const char *format,
                                                       ...)
{
    bool owner = loss == CRAMFS_LOSS_UID || loss == CRAMFS_LOSS_GID;
    bool allowed = fitting->tree->allow & CRAMFS_LOSS_BIT(loss) && (owner || node->parent);
    if (allowed && ++fitting->counts[loss] > MOST_LISTED)
        return true;
    char *what = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&what, format, arguments) < 0)
        what = NULL;
    va_end(arguments);
    const char *text = what ? what : "a value is over the format's limit";
    if (allowed)
        cramfs_node_report(fitting->diags, CRAMFS_ALLOWED, CRAMFS_ERR_LIMIT, node, "%s; %s", text,
                           owner ? "stored as 0, without set-id bits" : "left out");
    else
        with_remedy(cramfs_node_report(fitting->diags, CRAMFS_ERROR, CRAMFS_ERR_LIMIT, node,
                                       "%s; %s", text, remedies[loss]),
                    fitting->diags, owner ? CRAMFS_REMEDY_ALLOW_OWNER : CRAMFS_REMEDY_ALLOW,
                    loss_names[loss]);
    free(what);
    fitting->failed |= !allowed;
    return allowed;
}

static void leave_out(struct limits_fitting *fitting, struct cramfs_node *node)
{
    cramfs_tree_remove(node);
    fitting->changed = true;
}

static void fit_id(struct limits_fitting *fitting, struct cramfs_node *node, enum cramfs_loss loss,
                   uint32_t most, uint32_t *id)
{
    if (*id <= most || !lose(fitting, node, loss, "%s %" PRIu32 " is over the format's limit of %u",
                             loss_names[loss], *id, most))
        return;
    *id = 0;
    node->mode &= ~(uint32_t)(S_ISUID | S_ISGID);
}

/*
 * Reports a node that no source makes and no program may make. It stays, so that all is reported.
 */
static bool refuse(struct limits_fitting *fitting, const struct cramfs_node *node, const char *what)
{
    cramfs_node_fail(fitting->diags, CRAMFS_ERR_LIMIT, node, "%s", what);
    fitting->failed = true;
    return true;
}

static bool name_fits(struct limits_fitting *fitting, const struct cramfs_node *node)
{
    size_t length = strlen(node->name);
    if (node->parent && (!length || strchr(node->name, '/') || strcmp(node->name, ".") == 0 ||
                         strcmp(node->name, "..") == 0))
        return refuse(fitting, node, "a file cannot have this name");
    return length <= CRAMFS_MAX_NAME ||
           !lose(fitting, node, CRAMFS_LOSS_NAME,
                 "the name has %zu bytes, over the format's limit of %u bytes", length,
                 CRAMFS_MAX_NAME);
}

static bool device_fits(struct limits_fitting *fitting, const struct cramfs_node *node)
{
    return (node->major <= CRAMFS_MAX_DEVICE && node->minor <= CRAMFS_MAX_DEVICE) ||
           !lose(fitting, node, CRAMFS_LOSS_DEVICE,
                 "device %" PRIu32 ":%" PRIu32 " has a number over the format's limit of %u",
                 node->major, node->minor, CRAMFS_MAX_DEVICE);
}

static bool directory_fits(struct limits_fitting *fitting, const struct cramfs_node *node)
{
    uint64_t size = cramfs_directory_size(node);
    return size <= CRAMFS_MAX_FILE_SIZE ||
           !lose(fitting, node, CRAMFS_LOSS_DIRECTORY,
                 "its %zu entries take %" PRIu64 " bytes, over the format's limit of %u bytes",
                 node->children_count, size, CRAMFS_MAX_FILE_SIZE);
}

static bool file_fits(struct limits_fitting *fitting, const struct cramfs_node *node)
{
    return node->size <= CRAMFS_MAX_FILE_SIZE ||
           !lose(fitting, node, CRAMFS_LOSS_SIZE,
                 "the file has %" PRIu64 " bytes, over the format's limit of %u bytes (16 MiB - 1)",
                 node->size, CRAMFS_MAX_FILE_SIZE);
}

/* No system makes a link without a target, but archives may have one. */
static bool link_fits(struct limits_fitting *fitting, const struct cramfs_node *node)
{
    if (!node->size || !node->target)
        return !lose(fitting, node, CRAMFS_LOSS_TARGET,
                     "the link's target is empty, and no kernel follows that");
    return node->size <= fitting->page_size - 1 ||
           !lose(fitting, node, CRAMFS_LOSS_TARGET,
                 "the link's target has %" PRIu64 " bytes, over the kernel's limit of %" PRIu32
                 " bytes",
                 node->size, fitting->page_size - 1);
}

/*
 * Whether it can stay in the tree; a node that does not fit, but must not be lost, counts as
 * staying.
 */
static bool stays(struct limits_fitting *fitting, const struct cramfs_node *node)
{
    if (!name_fits(fitting, node))
        return false;
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        return file_fits(fitting, node);
    case S_IFLNK:
        return link_fits(fitting, node);
    case S_IFCHR:
    case S_IFBLK:
        return device_fits(fitting, node);
    case S_IFSOCK:
    case S_IFIFO:
    case S_IFDIR: /* directories are checked last */
        return true;
    default:
        return refuse(fitting, node, "its mode has no file type");
    }
}

/*
 * The size of a directory depends on its remaining entries: so from the last, in path order, to the
 * first.
 */
static void fit_directories(struct limits_fitting *fitting)
{
    for (uint32_t i = fitting->tree->nodes_count; i-- > 0;) {
        struct cramfs_node *node = fitting->tree->nodes[i];
        if (S_ISDIR(node->mode) && !node->removed && !directory_fits(fitting, node))
            leave_out(fitting, node);
    }
}

static void report_unlisted(const struct limits_fitting *fitting)
{
    for (int i = 0; i <= CRAMFS_LOSS_XATTR; i++) {
        if (fitting->counts[i] > MOST_LISTED)
            cramfs_report(fitting->diags, CRAMFS_ALLOWED, CRAMFS_ERR_LIMIT, NULL,
                          "%" PRIu64 " more losses of class %s are not printed",
                          fitting->counts[i] - MOST_LISTED, loss_names[i]);
    }
}

int cramfs_tree_fit(struct cramfs_tree *tree, uint32_t page_size, struct cramfs_diags *diags)
{
    struct limits_fitting fitting = {.tree = tree, .page_size = page_size, .diags = diags};
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        struct cramfs_node *node = tree->nodes[i];
        if (node->removed)
            continue;
        if (!stays(&fitting, node)) {
            leave_out(&fitting, node);
            continue;
        }
        fit_id(&fitting, node, CRAMFS_LOSS_UID, CRAMFS_MAX_UID, &node->uid);
        fit_id(&fitting, node, CRAMFS_LOSS_GID, CRAMFS_MAX_GID, &node->gid);
    }
    fit_directories(&fitting);
    report_unlisted(&fitting);
    if (fitting.changed && cramfs_tree_finish(tree) != 0)
        return cramfs_fail_memory(diags);
    return fitting.failed ? -CRAMFS_ERR_LIMIT : 0;
}
