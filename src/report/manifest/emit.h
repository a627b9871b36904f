/*
 * Every entry of a tree with its whole path, for documents that mkcramfs-xip reads.
 */
#ifndef CRAMFS_REPORT_MANIFEST_EMIT_H
#define CRAMFS_REPORT_MANIFEST_EMIT_H

#include "cramfs/manifest.h"
#include "report/block_reader.h"

/* Why something is left out. */
enum emit_loss {
    EMIT_NAME,
    EMIT_DUPLICATE,
    EMIT_TYPE,
    EMIT_TARGET,
    EMIT_BLOCKS,
    EMIT_LONG_PATH,
    EMIT_BLANKS,
    EMIT_CONTROLS,
    EMIT_SOCKET,
    EMIT_LINK_MODE,
    EMIT_LOSSES
};

struct emit {
    const struct cramfs_view *view;
    struct cramfs_diags *diags;
    struct block_reader *reader;
    /* The entry that it is at. */
    uint32_t entry;
    const struct cramfs_inode *inode;
    char path[CRAMFS_MANIFEST_PATH_SIZE]; /* no leading slash; "" for the root
                                           */
    size_t path_length;
    /* The entries that were left out so far. */
    struct {
        uint64_t count;
        uint32_t first;
    } losses[EMIT_LOSSES];
};

/* Writes one entry. Returns 0, or an error that ends it all. */
typedef int emit_fn(struct emit *emit, void *context);

/*
 * Calls `write` for each entry that has a path of its own, in the order of the image, and reports
 * what was left out. Returns as the functions of cramfs/manifest.h do.
 */
int emit_tree(const struct cramfs_view *view, struct cramfs_diags *diags, emit_fn *write,
              void *context);

/* Counts the current entry as left out. Returns 0, so that the others follow. */
int emit_lose(struct emit *emit, enum emit_loss loss);

/*
 * Reads the target of the current link into reader->page, as a string. Returns 0,
 * -CRAMFS_ERR_FORMAT (also for one with a NUL in it) or -CRAMFS_ERR_MEMORY.
 */
int emit_target(struct emit *emit, uint32_t *length);

#endif
