/* The facts that the keywords of an mtree manifest give about a file. */
#ifndef CRAMFS_TREE_MTREE_FACTS_H
#define CRAMFS_TREE_MTREE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cramfs/tree.h"

/* The keywords that were given; a bit for each. */
enum {
    MTREE_TYPE = 1 << 0,
    MTREE_MODE = 1 << 1,
    MTREE_UID = 1 << 2,
    MTREE_GID = 1 << 3,
    MTREE_UNAME = 1 << 4,
    MTREE_GNAME = 1 << 5,
    MTREE_SIZE = 1 << 6,
    MTREE_LINK = 1 << 7,
    MTREE_DEVICE = 1 << 8,
    MTREE_CONTENTS = 1 << 9,
    MTREE_NLINK = 1 << 10,
    MTREE_OPTIONAL = 1 << 11,
    MTREE_NOCHANGE = 1 << 12,
    MTREE_XATTR = 1 << 13,
};

/* Facts about a file. A member whose bit is not in `given` means nothing. Strings point into the
 * text. */
struct mtree_facts {
    unsigned given;
    uint32_t type; /* S_IFREG and others */
    uint64_t mode; /* permissions */
    uint64_t uid;
    uint64_t gid;
    uint64_t nlink;
    uint64_t size;
    struct mtree_device {
        uint32_t major;
        uint32_t minor;
    } device;
    const char *user;
    const char *group;
    const char *target;
    const char *contents;
    struct cramfs_losses xattrs; /* how many attributes there are, by class */
};

/* Whether a word is a keyword, with or without a value. */
bool mtree_is_keyword(const char *word);

/*
 * Adds the fact of a word, as "size=5", to *facts; it replaces an earlier one. Returns 0 or
 * -CRAMFS_ERR_FORMAT; `where` ("FILE:LINE") is the diagnostic's path.
 */
int mtree_facts_add(struct mtree_facts *facts, char *word, const char *where,
                    struct cramfs_diags *diags);

/* Removes the fact of a keyword from *facts; "all" removes all. Returns as above. */
int mtree_facts_drop(struct mtree_facts *facts, const char *word, const char *where,
                     struct cramfs_diags *diags);

/* Adds the facts of `from` to *facts; they replace earlier ones. */
void mtree_facts_merge(struct mtree_facts *facts, const struct mtree_facts *from);

/*
 * A name or path from a manifest for a message, cut if it is long. `to` has MTREE_SHOWN_SIZE bytes;
 * returns it.
 */
enum { MTREE_SHOWN_SIZE = 512 };
const char *mtree_shown(const char *name, char *to);

#endif
