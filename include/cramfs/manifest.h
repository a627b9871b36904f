/*
 * Manifests and archives of an image's tree, for mkcramfs-xip(1) and other programs to read back.
 *
 * The forms differ in what they can hold of a tree. Nothing is lost quietly: an entry that a form
 * cannot hold is left out, one diagnostic for each class counts such entries, and the function
 * fails. The same goes for entries that no file system can hold: names like "..", or the later of
 * two entries with one name (the kernel, too, takes the first). A path of more than
 * CRAMFS_MANIFEST_PATH_SIZE bytes is left out of every form, since the paths of a hostile image are
 * together larger than any disk.
 *
 * Everything here returns 0; -CRAMFS_ERR_LIMIT when the form cannot hold something of a sound tree;
 * -CRAMFS_ERR_FORMAT when something is left out, or zeroes, because the image is damaged;
 * -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
#ifndef CRAMFS_MANIFEST_H
#define CRAMFS_MANIFEST_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/view.h"

CRAMFS_BEGIN_DECLARATIONS

#define CRAMFS_MANIFEST_PATH_SIZE 32768u

/*
 * mtree(5), in the form that libarchive, FreeBSD and NetBSD read: full paths from ".", bytes with a
 * special meaning as \ooo; and for each entry type, mode, uid, gid, and size, link target or device
 * number. The bytes of a file are in a directory that cramfsck --extract has made: "contents" names
 * them relative to it. A damaged entry has a comment before it.
 */
int cramfs_print_mtree(FILE *out, const struct cramfs_view *view, struct cramfs_diags *diags);

/*
 * A device table (cramfs/device_table.h) that gives an extracted tree its owners and permissions,
 * and makes its nodes. It cannot hold names with blanks, sockets, or the permissions of links.
 */
int cramfs_print_device_table(FILE *out, const struct cramfs_view *view,
                              struct cramfs_diags *diags);

/*
 * A tar of no more than `max_bytes`, counted as in struct cramfs_extract_options; in the pax format
 * where the plain one is not enough. Times are 0: the image has none. It cannot hold sockets.
 */
int cramfs_write_tar(FILE *out, const struct cramfs_view *view, uint64_t max_bytes,
                     struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
