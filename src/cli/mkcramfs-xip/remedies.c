/* The program's name, and its words for the library's remedies. */
#include "cli/common/common.h"

const char *const program_kind = "mkcramfs-xip";

const char *const program_remedies[CRAMFS_REMEDIES] = {
    [CRAMFS_REMEDY_ALLOW] = "--allow=%s accepts the loss",
    [CRAMFS_REMEDY_ALLOW_SOURCE] = "use --allow=%s if it is meant to be so",
    [CRAMFS_REMEDY_ALLOW_DAMAGED] = "--allow=damaged takes what can be read",
    [CRAMFS_REMEDY_ALLOW_OWNER] = "-q (--all-root) makes all root's, --allow=%s accepts the loss",
    [CRAMFS_REMEDY_MOST_BYTES] = "--max-unpacked allows more, if it is no bomb",
    [CRAMFS_REMEDY_OWNERS] = "-q (--all-root) makes all root's",
    [CRAMFS_REMEDY_WHITEOUTS] = "--whiteouts deletes what they say is deleted",
    [CRAMFS_REMEDY_PIPE] = "use: %s | mkcramfs-xip - out.img",
    [CRAMFS_REMEDY_MTREE_ROOT] = "--mtree-root=DIR names another directory",
    [CRAMFS_REMEDY_STALE_PROFILE] = "--stale-profile=warn uses it all the same",
    [CRAMFS_REMEDY_NO_LIKE] = "or build without --like",
    [CRAMFS_REMEDY_LIKE_DAMAGED] = "see cramfsck, or build without --like",
    [CRAMFS_REMEDY_LIKE_ORDER] = "build with --endian=%s, or without --like",
    [CRAMFS_REMEDY_LIKE_PAGES] = "build with --block-size=%s, or without --like",
    [CRAMFS_REMEDY_LIKE_KERNEL] = "build with --kernel=%s, or without --like",
    [CRAMFS_REMEDY_LIKE_SWAP] = "build with --swap%s, or without --like",
    [CRAMFS_REMEDY_LIKE_NO_SWAP] = "build without --swap16 and --swap32, or without --like",
    [CRAMFS_REMEDY_SLACK] = "--slack and --max-size allow more",
    [CRAMFS_REMEDY_SCAN] = "cramfsck --scan finds those that are there",
};
