/*
 * The tree of files that goes into an image, whatever it was read from.
 *
 * A node knows its name, type, owner and size; the bytes of a regular file stay in their source
 * until the builder asks for them. Numbers are as wide as in POSIX: cramfs_tree_fit() finds values
 * that the format cannot hold, before anything is built.
 */
#ifndef CRAMFS_TREE_H
#define CRAMFS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/declarations.h"
#include "cramfs/diag.h"
#include "cramfs/exclude.h"
#include "cramfs/inputs.h"
#include "cramfs/loss.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_node;
struct cramfs_source;

/*
 * What a thread keeps open from one file that it reads to the next: the directory of the file, for
 * sources that have some use for it. The thread closes `file` in the end, if that is not -1.
 */
struct cramfs_source_place {
    const struct cramfs_source *source;
    uint32_t number; /* the source's own */
    int file;
};

/* The value at the beginning. */
#define CRAMFS_SOURCE_NO_PLACE ((struct cramfs_source_place){NULL, 0, -1})

/* Where the bytes of regular files come from. */
struct cramfs_source {
    /*
     * Reads all bytes of `node` (its `size`) into `to`. Returns 0, -CRAMFS_ERR_IO, or
     * -CRAMFS_ERR_CHANGED when the file is no longer what it was when the tree was made. Called by
     * one thread at a time.
     */
    int (*read)(const struct cramfs_source *source, const struct cramfs_node *node, void *to,
                struct cramfs_diags *diags);
    void (*free)(struct cramfs_source *source);
    struct cramfs_source *next; /* the tree's list of sources to free */
    /*
     * The same as read(), for any number of threads at a time, each with a place of its own; also
     * while another thread is in read(). NULL for sources that only one thread can read.
     */
    int (*read_beside)(const struct cramfs_source *source, const struct cramfs_node *node, void *to,
                       struct cramfs_source_place *place, struct cramfs_diags *diags);
};

struct cramfs_node {
    struct cramfs_node *parent; /* NULL for the root */
    const char *name;           /* bytes without '/' and NUL; "" for the root; never changes */
    uint32_t mode;              /* type and permissions, as in st_mode */
    uint32_t uid;
    uint32_t gid;
    uint32_t major; /* of a device */
    uint32_t minor;
    uint32_t modified_nanoseconds;
    int64_t modified_seconds; /* when the source last changed the file, to notice a change */
    uint64_t size;            /* of a regular file or of a symbolic link's target */
    char *target;             /* of a symbolic link, `size` bytes and a NUL; the tree frees it */
    const struct cramfs_source *source; /* of a regular file */
    uint64_t source_offset;             /* where its bytes are, in sources that keep many in one */
    struct cramfs_node **children;      /* of a directory; sorted by cramfs_tree_finish() */
    size_t children_count;
    size_t children_capacity;
    uint32_t number;      /* position in path order, set by cramfs_tree_finish() */
    uint32_t serial;      /* position in the order of making; the tree's own */
    uint32_t layer;       /* which source put it last; the tree's own */
    uint32_t through;     /* of a link: the layer that last went through it; the tree's own */
    const char *xip_rule; /* the rule about it, "FILE:LINE" or an option; see rules.h */
    struct cramfs_node *leads_to; /* the directory that the link led to, or NULL */
    uint64_t named;    /* a hash of the path that its source calls it by, or 0; the tree's own */
    unsigned char xip; /* of a regular file: enum cramfs_xip, when a rule is about it alone */
    bool no_split;     /* its segments are never cut, says a rule */
    bool xip_must;     /* what the rule puts in place must be, whatever the budget */
    bool linked;       /* its source had more names for it: reported as a loss */
    bool opaque;       /* a directory that hides earlier sources' entries, as overlayfs marks it */
    bool removed;      /* another took its place, or it was left out; the tree's own */
};

/* Counts of what sources have and the format cannot hold. */
struct cramfs_losses {
    uint64_t capabilities; /* security.capability: programs may lack a right they count on */
    uint64_t acls;         /* system.posix_acl_access, system.posix_acl_default */
    uint64_t selinux_labels;
    uint64_t other_xattrs;
    uint64_t unasked; /* files whose attributes could not be read: no procfs */
};

/*
 * Which part of a source is taken, and where it goes. `strip` names are dropped within the subtree;
 * an entry with no name left is left out, with a warning when it is not a directory. One directory
 * of the source gives `into` its mode and owner: the one that becomes it (the source's root, or the
 * subtree). When names are dropped, none does. Rules, patterns, tables and whiteouts see only the
 * new paths. Paths are as in cramfs_tree_put_path(), without "..".
 */
struct cramfs_part {
    const char *subtree; /* the directory of the source to take; NULL: all of it */
    unsigned strip;      /* how many names to drop at the beginning of each path */
    const char *into;    /* the directory of the tree that it goes to; NULL: the root */
};

/* What happened to the entries of a source; the tree's own. */
struct cramfs_parting {
    uint64_t taken;
    uint64_t left_out; /* entries other than directories, without a name left */
    char *first;       /* the first of these */
};

struct cramfs_tree_index;
struct cramfs_layer_name;
struct cramfs_layer_loss;

struct cramfs_tree {
    struct cramfs_node *root;
    struct cramfs_source *sources;
    /*
     * Every node in path order, which is the meaning of "first" everywhere in this project: a
     * directory comes before its children, and the children come in the order of their names as
     * unsigned bytes, each with all that is below it.
     */
    struct cramfs_node **nodes;
    uint32_t nodes_count;
    struct cramfs_losses losses;
    struct cramfs_excludes *excludes; /* what sources are to leave out; the caller's, may be NULL */
    bool one_file_system;             /* directories of other file systems are taken, but empty */
    uint32_t allow;                   /* CRAMFS_LOSS_BIT of each class that may be lost */
    struct cramfs_inputs *inputs;     /* gets the files that are read; the caller's, may be NULL */
    bool owners_replaced;             /* all owners will be: unknown names of owners are no error */
    const char *mtree_root;           /* the directory of manifests' files; the caller's, or NULL */
    bool whiteouts;                   /* delete what layers of containers mark as deleted */
    const struct cramfs_part *part;   /* of the source that is read next; the caller's, or NULL */
    struct cramfs_parting parting;    /* the tree's own */
    uint32_t layer;                   /* of what is put now; the tree's own */
    struct cramfs_layer_name *layer_names; /* of the sources; the tree's own */
    size_t layer_names_count;
    size_t layer_names_capacity;
    struct cramfs_layer_loss *layer_losses; /* decided at the end of the source; the tree's own */
    size_t layer_losses_count;
    size_t layer_losses_capacity;
    struct cramfs_tree_index *index; /* of names; the tree's own */
    uint32_t page_size;   /* that images may have besides the one found in them; 0: none */
    uint64_t most_bytes;  /* limit of what the files of archives and images have together */
    uint64_t bytes_taken; /* what they have, more after that error; the tree's own */
    unsigned jobs;        /* above 1, directories are read with several threads; the caller's */
};

/* tree->most_bytes of a new tree: a few bytes of an archive can expand to any number. */
#define CRAMFS_DEFAULT_MOST_BYTES ((uint64_t)16 << 30)

/*
 * An empty root directory, 0755, owned by 0:0. The tree allows the loss of extended attributes, and
 * most_bytes is the default. NULL when memory runs out.
 */
struct cramfs_tree *cramfs_tree_create(void);
void cramfs_tree_free(struct cramfs_tree *tree);

/* The child of that name, or NULL. Constant time. */
struct cramfs_node *cramfs_tree_find(const struct cramfs_tree *tree,
                                     const struct cramfs_node *parent, const char *name);

/*
 * Puts a child of that name: a new node, or the one that is there, with `mode`, and all else but
 * name and parent 0. When a directory stays a directory, its contents stay; otherwise they are
 * removed: so sources are laid over each other. `parent` must be a directory, and `name` one that a
 * file can have: not empty, without a '/', not "." or "..". The caller fills in the rest; a regular
 * file that is not empty needs a source, a link a target from malloc(). NULL when memory runs out.
 */
struct cramfs_node *cramfs_tree_put(struct cramfs_tree *tree, struct cramfs_node *parent,
                                    const char *name, uint32_t mode);

/*
 * The same by path. A leading "/" and "./" do not count; missing directories on the way are made,
 * 0755, 0:0. An empty path, "." or "/" is the root, which must be a directory. Returns 0,
 * -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_FORMAT: there is a ".." in the path, or something on the way
 * is not a directory.
 */
int cramfs_tree_put_path(struct cramfs_tree *tree, const char *path, uint32_t mode,
                         struct cramfs_diags *diags, struct cramfs_node **node);

/*
 * Puts a regular file at a path, as above, with bytes in memory. They are not copied, and must not
 * change until the tree is freed. `permissions` are the mode without the type; set the owner and
 * all else in *node (unless `node` is NULL). Errors are those of cramfs_tree_put_path().
 */
int cramfs_tree_put_file(struct cramfs_tree *tree, const char *path, uint32_t permissions,
                         const void *bytes, size_t size, struct cramfs_diags *diags,
                         struct cramfs_node **node);

/* The same for a symbolic link; `target` is copied. */
int cramfs_tree_put_link(struct cramfs_tree *tree, const char *path, const char *target,
                         struct cramfs_diags *diags, struct cramfs_node **node);

/* The node at a path, written as above; NULL when there is none. */
struct cramfs_node *cramfs_tree_lookup(const struct cramfs_tree *tree, const char *path);

/*
 * Removes a node, not the root, with all below it. Its directory and tree->nodes still list it
 * until cramfs_tree_finish() is called (again).
 */
void cramfs_tree_remove(struct cramfs_node *node);

/* Sorts the children of every directory and lists all nodes. Returns 0 or -CRAMFS_ERR_MEMORY. */
int cramfs_tree_finish(struct cramfs_tree *tree);

/*
 * The nodes one by one in the order of their making, finished or not: NULL gives the first, the
 * last gives NULL.
 */
struct cramfs_node *cramfs_tree_next(const struct cramfs_tree *tree,
                                     const struct cramfs_node *node);

/*
 * "/usr/bin/env"; "/" for the root. Allocated, the caller frees; NULL when memory runs out.
 */
char *cramfs_node_path(const struct cramfs_node *node);

/* Adds a diagnostic about a node; the path is the node's. Returns -code. */
int cramfs_node_report(struct cramfs_diags *diags, enum cramfs_severity severity,
                       enum cramfs_error code, const struct cramfs_node *node, const char *format,
                       ...) __attribute__((format(printf, 5, 6)));

#define cramfs_node_fail(diags, code, node, ...)                                                   \
    cramfs_node_report(diags, CRAMFS_ERROR, code, node, __VA_ARGS__)

/* The bytes that the node's name takes in a directory entry: padded to 4. */
uint32_t cramfs_name_length(const char *name);

/* The bytes that the entries of a directory take together. */
uint64_t cramfs_directory_size(const struct cramfs_node *directory);

/*
 * Adds one error for each value in the tree that the format cannot hold: uid, gid, name, device
 * number, size of a file, of a directory, of a link's target (which the kernel reads as one page).
 * A loss that tree->allow allows is only a warning, and the tree is changed: see loss.h. The tree
 * must be finished; it is finished again when something was left out. Returns 0, -CRAMFS_ERR_LIMIT
 * or -CRAMFS_ERR_MEMORY.
 */
int cramfs_tree_fit(struct cramfs_tree *tree, uint32_t page_size, struct cramfs_diags *diags);

/*
 * Adds one warning for each class of attributes with how many there are, or an error where
 * tree->allow lacks CRAMFS_LOSS_XATTR. Only a note for SELinux labels, which systems put on every
 * file, and for hard links, whose bytes are all kept. Returns 0 or -CRAMFS_ERR_LIMIT.
 */
int cramfs_tree_report_losses(const struct cramfs_tree *tree, struct cramfs_diags *diags);

/*
 * Sources over each other: an entry of a later source replaces that of an earlier one. A directory
 * over a symbolic link that leads to a directory of the tree is merged with that directory. Where
 * more than the entry of that name would be lost, an error names the loss (CRAMFS_LOSS_REPLACE).
 * Such losses are: a directory over another kind of entry; any other entry over a directory in
 * which an earlier source has something; and any other entry, unless it is a link, over a link to
 * such a directory. With tree->whiteouts, a source also deletes entries of the sources before it,
 * as layers of containers do: by files `.wh.NAME` and `.wh..wh..opq`, character devices 0:0, and
 * overlayfs' attribute "opaque". Without, such entries are taken as they are, and a warning says
 * so.
 */

/*
 * Lays a directory over the tree: its own mode and owner become the root's. Symbolic links are
 * taken as they are and never followed. Other file systems mounted below are entered unless the
 * tree says one_file_system. Everything that cannot be read is reported, not only the first.
 * Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_tree_read_directory(struct cramfs_tree *tree, const char *path,
                               struct cramfs_diags *diags);

/*
 * Lays an archive over the tree, in any format and compression that libarchive reads; "-" is
 * standard input. The bytes of files are kept in a temporary file without a name (in $TMPDIR or
 * /tmp) until the tree is freed, with their zeroes as holes. Names are bytes. Hard links become
 * files of their own with the same bytes, which the builder stores once. Tars and cpios may follow
 * each other in one file, each compressed or not, with zeroes between them.
 *
 * An archive is an error when it is damaged where the format has a checksum, when it is cut, when
 * it lacks the mark of its end (CRAMFS_LOSS_UNENDED), when it has no entries (CRAMFS_LOSS_EMPTY),
 * and when something other than an archive follows it.
 *
 * An mtree manifest names files elsewhere: below tree->mtree_root, or else in the directory of the
 * manifest (for "-", the working directory). No path in the manifest leads out of that directory.
 * The bytes are read when the builder asks for them. Values that an entry lacks are taken from the
 * file in its place there; names of users and groups are looked up in the tree's own /etc/passwd
 * and /etc/group. Each line that cannot be applied is an error that names file and line.
 *
 * Returns 0, -CRAMFS_ERR_IO (archive, manifest or file cannot be read, or is damaged),
 * -CRAMFS_ERR_CHANGED (a file does not have the size that a manifest says), -CRAMFS_ERR_FORMAT (an
 * entry that no tree can hold), -CRAMFS_ERR_LIMIT (more than tree->most_bytes) or
 * -CRAMFS_ERR_MEMORY.
 */
int cramfs_tree_read_archive(struct cramfs_tree *tree, const char *path,
                             struct cramfs_diags *diags);

/*
 * Whether a file begins like an archive, a manifest or a compressed file, so that a program can
 * refuse to replace it. False when it cannot be read.
 */
bool cramfs_archive_recognised(const char *path);

CRAMFS_END_DECLARATIONS

#endif
