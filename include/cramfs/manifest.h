/*
 * Manifests and archives of an image's tree, for mkcramfs-xip(1) and other programs to take back.
 *
 * What each can say of a tree differs, and what it cannot is never lost quietly: it is left out,
 * counted by its class in one diagnostic each, and the function fails. So does what no file system
 * holds: names like "..", or two of one name, of which the first is taken as the kernel does. A
 * path of more than CRAMFS_MANIFEST_PATH_SIZE bytes is left out of all of them, since the paths of
 * a hostile image are together larger than any disk.
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
 * mtree(5), in the form that libarchive, FreeBSD and NetBSD read: full paths from ".", bytes that
 * mean something there as \ooo, and type, mode, uid, gid, and size, link target or device number
 * of each. The bytes of a file are in a directory that cramfsck --extract has made: "contents"
 * names them relative to it. The entries that are damaged have a comment in front.
 */
int cramfs_print_mtree(FILE *out, const struct cramfs_view *view, struct cramfs_diags *diags);

/*
 * A device table (cramfs/device_table.h) that gives an extracted tree its owners and permissions,
 * and makes its nodes. Names with blanks, sockets, and the permissions of links have no place in
 * one.
 */
int cramfs_print_device_table(FILE *out, const struct cramfs_view *view,
                              struct cramfs_diags *diags);

/*
 * A tar, in the pax format where the plain one does not do, of no more than `max_bytes`, counted as
 * in struct cramfs_extract_options. Times are 0: the image has none. It cannot hold sockets.
 */
int cramfs_write_tar(FILE *out, const struct cramfs_view *view, uint64_t max_bytes,
                     struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
