/*
 * Extracting the tree of an image into a directory.
 *
 * The image is untrusted: whatever its names, duplicate entries and links, nothing outside the
 * directory is touched. The directory's contents are untrusted, too: everything is created as new
 * (O_EXCL), relative to an open directory, and no link is followed. libarchive's writer is not
 * used, since it names files by whole paths, and an image can nest directories until its paths
 * together are larger than any memory.
 */
#ifndef CRAMFS_EXTRACT_H
#define CRAMFS_EXTRACT_H

#include <stdbool.h>

#include "cramfs/check.h"
#include "cramfs/declarations.h"
#include "cramfs/survey.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_extract_options {
    size_t size;     /* see declarations.h */
    bool privileged; /* make device nodes and set-id bits, too */
    bool owners;     /* set owners, too; only root can */
    /*
     * Extract also into a directory that is not empty. What has the name of an entry there is
     * replaced, except for a directory: if the entry is a directory, too, its contents go into it;
     * otherwise that is an error. A link is not a directory, wherever it leads.
     */
    bool force;
    /*
     * The most that may be extracted; more is an error before anything is written. Two sums may not
     * exceed it: the bytes of all files, each as often as it is named; and
     * CRAMFS_EXTRACT_ENTRY_BYTES for each entry of any type. So 0 extracts nothing;
     * CRAMFS_DEFAULT_MAX_EXTRACT is enough for most images.
     */
    uint64_t max_bytes;
    /*
     * By entry: which ones to extract, as cramfs_choose() sets them; NULL: all. The directories on
     * the way are made, too.
     */
    const bool *chosen;
    unsigned jobs;                          /* threads that inflate and write; 0 counts as 1 */
    const struct cramfs_inflated *inflated; /* by a check of the same survey; NULL: none */
};

#define CRAMFS_DEFAULT_MAX_EXTRACT ((uint64_t)1 << 30)

/* A block: what a directory takes on most file systems. An image can hold an entry in 16 bytes. */
#define CRAMFS_EXTRACT_ENTRY_BYTES 4096u

/*
 * Extracts into `directory`, which is created, or exists and is empty. What cannot be extracted is
 * reported, and the rest is extracted; one note counts what the options left out (devices, set-id
 * bits). Returns 0, -CRAMFS_ERR_FORMAT for blocks or names that are not sound, -CRAMFS_ERR_LIMIT,
 * -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_extract(const struct cramfs_image *image, const struct cramfs_survey *survey,
                   const char *directory, const struct cramfs_extract_options *options,
                   struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
