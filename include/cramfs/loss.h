/*
 * Losses: what a tree can have and the format cannot hold, by class.
 *
 * Each loss is an error, unless the tree allows its class. Then it is a warning that names what is
 * lost, and the tree is changed so that it fits. Nothing is ever cut short: a uid or gid that does
 * not fit becomes 0, and the file loses its set-id bits, which would give away root's rights. Any
 * other entry that does not fit is left out, a directory with all below it.
 */
#ifndef CRAMFS_LOSS_H
#define CRAMFS_LOSS_H

#include <stdint.h>

#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

enum cramfs_loss {
    CRAMFS_LOSS_UID,
    CRAMFS_LOSS_GID,
    CRAMFS_LOSS_SIZE,       /* of a regular file */
    CRAMFS_LOSS_NAME,       /* its length */
    CRAMFS_LOSS_DEVICE,     /* a major or minor number */
    CRAMFS_LOSS_DIRECTORY,  /* the size of its entries */
    CRAMFS_LOSS_TARGET,     /* the length of a symbolic link's target, also 0 */
    CRAMFS_LOSS_UNREADABLE, /* the operating system refused to read it */
    CRAMFS_LOSS_CHANGED,    /* a file changed while it was read */
    CRAMFS_LOSS_XATTR,      /* extended attributes, capabilities, access control lists */
    /* Those from here on concern whole sources, and each is allowed only by its own name. */
    CRAMFS_LOSS_UNENDED, /* an archive lacks the mark of its end: its writer wrote none, or it is
                            cut */
    CRAMFS_LOSS_EMPTY,   /* an archive has no entries */
    CRAMFS_LOSS_REPLACE, /* a source removes more of an earlier one than the entry it names */
    CRAMFS_LOSS_DAMAGED, /* an image has errors: what can be read of it is taken */
};

/* "uid", "gid", "size" and so on, as --allow names them, ended by a NULL. */
const char *const *cramfs_loss_names(void);

#define CRAMFS_LOSS_BIT(loss) ((uint32_t)1 << (loss))
/* "all": the classes that the format is the reason for. */
#define CRAMFS_ALL_LOSSES (CRAMFS_LOSS_BIT(CRAMFS_LOSS_XATTR + 1) - 1)

CRAMFS_END_DECLARATIONS

#endif
