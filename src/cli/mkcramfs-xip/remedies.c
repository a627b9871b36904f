/* The program's name, and its words for the library's remedies. */
#include "cli/common/common.h"

const char *const program_kind = "mkcramfs-xip";

const char *const program_remedies[CRAMFS_REMEDIES] = {
    [CRAMFS_REMEDY_ALLOW] = "--allow=%s accepts the loss",
    [CRAMFS_REMEDY_ALLOW_SOURCE] = "use --allow=%s if this is intended",
    [CRAMFS_REMEDY_ALLOW_DAMAGED] = "--allow=damaged packs the files that can be read",
    [CRAMFS_REMEDY_ALLOW_OWNER] =
        "-q (--all-root) gives everything to root, --allow=%s accepts the loss",
    [CRAMFS_REMEDY_MOST_BYTES] = "--max-unpacked=SIZE allows more, if you trust the source",
    [CRAMFS_REMEDY_OWNERS] = "-q (--all-root) gives everything to root",
    [CRAMFS_REMEDY_WHITEOUTS] = "--whiteouts deletes the files that they mark",
    [CRAMFS_REMEDY_PIPE] = "use: %s | mkcramfs-xip - out.img",
    [CRAMFS_REMEDY_MTREE_ROOT] = "--mtree-root=DIR names another directory for the files",
    [CRAMFS_REMEDY_STALE_PROFILE] = "--stale-profile=warn uses it anyway",
    [CRAMFS_REMEDY_NO_LIKE] = "or build without --like",
    [CRAMFS_REMEDY_LIKE_DAMAGED] =
        "cramfsck prints the errors; build from a sound image, or without --like",
    [CRAMFS_REMEDY_LIKE_ORDER] = "build with --endian=%s, or without --like",
    [CRAMFS_REMEDY_LIKE_PAGES] = "build with --block-size=%s, or without --like",
    [CRAMFS_REMEDY_LIKE_KERNEL] = "build with --kernel=%s, or without --like",
    [CRAMFS_REMEDY_LIKE_SWAP] = "build with --swap%s, or without --like",
    [CRAMFS_REMEDY_LIKE_NO_SWAP] = "build without --swap16 and --swap32, or without --like",
    [CRAMFS_REMEDY_SLACK] = "--slack=PERCENT and --max-size=SIZE allow more",
    [CRAMFS_REMEDY_SCAN] = "cramfsck --scan lists the images in a file",
};
