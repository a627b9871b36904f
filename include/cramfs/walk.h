/*
 * The walk: every entry that an image's directories name, in path order.
 *
 * Each directory is walked once, however often it is named. A directory whose entries overlap those
 * of another is not walked, so there are never more entries than 12-byte inodes in the image. A
 * callback reports what stops the walk in a directory, and the walk goes on with the rest. No
 * recursion.
 */
#ifndef CRAMFS_WALK_H
#define CRAMFS_WALK_H

#include "cramfs/declarations.h"
#include "cramfs/image.h"

CRAMFS_BEGIN_DECLARATIONS

#define CRAMFS_NO_ENTRY UINT32_MAX

struct cramfs_entry {
    struct cramfs_inode inode;
    uint32_t parent;    /* number of the directory's entry; CRAMFS_NO_ENTRY for the root */
    uint32_t offset;    /* of the inode in the image */
    const char *name;   /* in the image, not terminated */
    uint8_t name_bytes; /* without the padding; 0 in the root */
    bool walked;        /* of a directory: its entries are in the list */
    bool open;          /* of a directory: the walk is inside it */
};

struct cramfs_entries {
    struct cramfs_entry *list; /* a directory before what it names, else in the order on disk */
    uint32_t list_count;
    uint32_t list_capacity;
};

/* What can be wrong with a directory or one of its entries. */
enum cramfs_walk_fault {
    CRAMFS_WALK_ENTRY_CUT,     /* an entry's inode ends after its directory */
    CRAMFS_WALK_NAME_CUT,      /* its name does */
    CRAMFS_WALK_OUTSIDE,       /* the directory ends after the end of the image */
    CRAMFS_WALK_CYCLE,         /* the directory is one of its own ancestors */
    CRAMFS_WALK_REACHED_TWICE, /* the directory has been walked under another name */
    CRAMFS_WALK_OVERLAP,       /* its entries overlap those of another directory */
};

typedef void cramfs_walk_fault_fn(void *context, const struct cramfs_entries *entries,
                                  uint32_t entry, enum cramfs_walk_fault fault, uint64_t offset);

/*
 * Lists the entries of an image; the first is the root. `faults` may be NULL. Returns 0 or
 * -CRAMFS_ERR_MEMORY; free with cramfs_entries_free() in any case.
 */
int cramfs_walk(const struct cramfs_image *image, struct cramfs_entries *entries,
                cramfs_walk_fault_fn *faults, void *context);
void cramfs_entries_free(struct cramfs_entries *entries);

/*
 * The path of an entry: bytes that may be anything but NUL. A path longer than `size` begins with
 * "..." and keeps its end, so deep paths cost no more than others. Returns its length.
 */
size_t cramfs_entry_path(const struct cramfs_entries *entries, uint32_t entry, char *to,
                         size_t size);

/* The longest path that diagnostics show: PATH_MAX of Linux. */
#define CRAMFS_PATH_SIZE 4096u

CRAMFS_END_DECLARATIONS

#endif
