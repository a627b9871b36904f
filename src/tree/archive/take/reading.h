/* An archive that is being read, and how its damage is reported. */
#ifndef CRAMFS_TREE_ARCHIVE_TAKE_READING_H
#define CRAMFS_TREE_ARCHIVE_TAKE_READING_H

#include <archive.h>
#include <archive_entry.h>

#include "base/hash.h"
#include "cramfs/tree.h"
#include "tree/archive/stream/stream.h"
#include "tree/archive/take/spool.h"

/* A hard link to a file whose bytes have not come: cpio has them with the last of its names. */
struct hard_link {
    struct cramfs_node *node; /* NULL when its bytes have come */
    struct cramfs_node *target;
    uint32_t next; /* another link to that target; NO_LINK after the last */
};
#define NO_LINK UINT32_MAX

struct archive_images;

struct archive_reading {
    struct cramfs_tree *tree;
    const char *path;
    struct cramfs_diags *diags;
    struct stream *stream;               /* the uppermost; see stream.h */
    struct archive *archive;             /* of one archive: a file may hold several */
    const struct archive_images *images; /* NULL: images are refused */
    struct spool *spool;                 /* made for the first bytes */
    unsigned archives_count;             /* begun; several may follow each other */
    uint64_t entries_count;              /* in all archives, also those that were left out */
    bool has_sum;                        /* `sum` is set: what the entry's bytes add up to */
    uint32_t sum;
    struct hard_link *links;
    size_t links_count;
    size_t links_capacity;
    struct hash_index by_target; /* of the first link to each */
};

/*
 * Reports "cannot read the archive", with libarchive's reason or the stream's. Returns
 * -CRAMFS_ERR_IO.
 */
int fail_archive(const struct archive_reading *reading);

/*
 * Reports "is damaged" for an entry that was read; others can be read after it. Returns
 * -CRAMFS_ERR_FORMAT.
 */
int fail_entry(const struct archive_reading *reading, struct archive_entry *entry,
               const char *fault);

/*
 * The same when libarchive cannot read its bytes, with libarchive's reason. Returns
 * -CRAMFS_ERR_IO when nothing can be read after them.
 */
int fail_data(const struct archive_reading *reading, struct archive_entry *entry, int status);

#endif
