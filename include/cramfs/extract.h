/*
 * Extracting the tree of an image into a directory.
 *
 * The image is hostile: whatever its names, duplicate entries and links, nothing outside the
 * directory is touched. And so may be what stands in the directory: everything is created anew
 * (O_EXCL), relative to an open directory, and no link is followed. Not libarchive's writer, since
 * that names files by whole paths, and an image can nest directories until their paths together are
 * larger than any memory.
 */
#ifndef CRAMFS_EXTRACT_H
#define CRAMFS_EXTRACT_H

#include <stdbool.h>

#include "cramfs/declarations.h"
#include "cramfs/survey.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_extract_options {
    size_t size;     /* see declarations.h */
    bool privileged; /* also device nodes, and set-id bits */
    bool owners;     /* also owners; only root can */
    /*
     * Also into a directory that is not empty. What has the name of an entry there is replaced, but
     * for directories: they are gone into if the entry is one, and an error if it is not. A link is
     * not a directory, wherever it leads.
     */
    bool force;
    /*
     * The most that may be extracted; more is an error before anything is written. Two sums are
     * held against it: the bytes of all files, each as often as it is named, and
     * CRAMFS_EXTRACT_ENTRY_BYTES for each entry of any type. So 0 extracts nothing;
     * CRAMFS_DEFAULT_MAX_EXTRACT is what most images need.
     */
    uint64_t max_bytes;
    /*
     * By entry, which ones are wanted, as cramfs_choose() tells; NULL: all. The directories on the
     * way are made, too.
     */
    const bool *chosen;
};

#define CRAMFS_DEFAULT_MAX_EXTRACT ((uint64_t)1 << 30)

/* A block, which a directory takes on most file systems. An image has one in 16 bytes. */
#define CRAMFS_EXTRACT_ENTRY_BYTES 4096u

/*
 * Extracts into `directory`, which is created, or exists and is empty. What cannot be extracted is
 * reported, and the rest goes on; what was not asked for (devices, set-id bits) is counted in one
 * note. Returns 0, -CRAMFS_ERR_FORMAT for blocks or names that are not sound, -CRAMFS_ERR_LIMIT,
 * -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_extract(const struct cramfs_image *image, const struct cramfs_survey *survey,
                   const char *directory, const struct cramfs_extract_options *options,
                   struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
