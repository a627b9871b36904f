/*
 * Device tables: owners, permissions and device nodes that the sources of a tree cannot have when
 * nobody is root, one line each, in the format of makedevs.
 *
 *     # name         type  mode  uid  gid    major  minor  start  inc  count
 *     /dev           d     755   0    0      -      -      -      -    -
 *     /dev/console   c     600   root tty    5      1      -      -    -
 *     /dev/mtdblock  b     640   0    disk   31     0      0      1    8
 *     /bin/busybox   f     4755  0    0      -      -      -      -    -
 *     /srv/www       r     -1    www  www    -      -      -      -    -
 *
 * makedevs is not one program: Buildroot, BusyBox and OpenEmbedded have one each, and mkfs.jffs2,
 * mkfs.ubifs, genext2fs and the mkcramfs of cramfs-tools read the same tables with their -D. Where
 * they differ, what holds here is said below.
 *
 * LINES end in LF or CR LF, the last one may end without. Empty ones do not count, and neither does
 * what begins with a '#' at the beginning of a field. Fields are separated by blanks and tabs, so
 * that no name with one of those can be written. All lines take effect in their order, on the tree
 * as all sources and the lines before have made it. A line of more than CRAMFS_DEVICE_LINE_SIZE
 * bytes or with a NUL is an error, and so is a table of more than 16 MiB: it is some other file.
 *
 * NAME is an absolute path in the tree, without "..". Symbolic links on the way are followed as
 * they will be on the target: an absolute one begins at the root of the tree, and none leads out
 * of it. (A system with its /bin in /usr has /bin/busybox by such a link.) All that is on the way
 * must be there, but for type d.
 *
 * TYPE is one letter:
 *   f  a regular file, which must be there (also through a link): sets its mode and owner
 *   F  the same, but when no regular file is there the line does nothing (Buildroot)
 *   d  a directory (also through a link): sets its mode and owner, and makes it when it is not
 *      there; those on the way that are not there are made with 0755, 0:0
 *   r  a directory with all that is below it (Buildroot): each gets the one mode, files and
 *      directories alike, and the owner. Links below it, or at the name itself, are not followed;
 *      they keep their mode, which means nothing, and get the owner. What is there may be anything
 *   l  a symbolic link, which must be there: sets its owner (mkfs.jffs2, mkfs.ubifs). The mode is
 *      777 or -1, since Linux knows no other. A table cannot say where a link leads
 *   c  a character device, b a block device, p a fifo: makes it, in place of anything of that name
 *      but a directory. Its directory must be there
 *
 * MODE is octal, 0 to 7777. -1 leaves what is there as it is, and so do a uid or gid of -1; what is
 * new cannot have it.
 *
 * A file with several names in a source (hard links) has become one file for each of them here: f
 * and F change the one they name, where makedevs would change them all.
 *
 * UID and GID are decimal numbers or names. A name is looked up in /etc/passwd or /etc/group OF THE
 * TREE, never of the machine that packs it, whose numbers are not the target's: such a file must be
 * in a source, and have the name. What is all digits is always a number.
 *
 * MAJOR and MINOR are decimal numbers, wanted for c and b; anywhere else they are '-' or 0. This
 * reader takes 32 bits of each number, also of UID and GID: what the format has no room for is
 * found by cramfs_tree_fit(), with all else.
 *
 * START, INC and COUNT make a range of c, b or p: COUNT nodes, whose names are NAME with the
 * decimal numbers START, START + 1 and so on behind it, and whose minor numbers are MINOR, MINOR +
 * INC and so on. So mtdblock above is mtdblock0 to mtdblock7. Without COUNT, which is '-', 0 or
 * left out, there is one node with the plain NAME. These differ elsewhere:
 *   - COUNT 1 makes NAME with START behind it, as in OpenEmbedded (whose own table has such lines),
 *     mkfs.jffs2 and mkfs.ubifs. Buildroot and BusyBox make the plain NAME. A note says so;
 *   - mkcramfs of cramfs-tools took COUNT for the number to stop before: where START is not 0 it
 *     made fewer nodes than its own example says;
 *   - all of them read a line up to the first '-' and no further. So a COUNT behind a '-' was
 *     ignored, and is an error here: a 0 says the same as '-', and lets COUNT be read.
 * A range has 65536 nodes at most, as many as two numbers of 8 bits tell apart, and all ranges of a
 * table have twice that together, for c and for b: a short table does not make work without end.
 *
 * Trailing fields may be left out, the first five may not.
 *
 * A line that begins with "|xattr" gives a capability to what the line before it names (Buildroot).
 * The format holds none: such lines are counted, for cramfs_tree_report_losses() to tell.
 */
#ifndef CRAMFS_DEVICE_TABLE_H
#define CRAMFS_DEVICE_TABLE_H

#include "cramfs/declarations.h"
#include "cramfs/tree.h"

CRAMFS_BEGIN_DECLARATIONS

/* The longest line, without its end. */
#define CRAMFS_DEVICE_LINE_SIZE 8191

/*
 * Applies the table in file `path` to the tree: after all sources, and before cramfs_tree_finish()
 * or before that is called once more, since nodes may be new. Several tables are applied one after
 * the other.
 *
 * Each line that cannot be applied adds an error whose path is "FILE:LINE"; the others are applied
 * all the same, so that all that is wrong is told, and the tree is then of no more use. Returns 0;
 * -CRAMFS_ERR_IO when the table cannot be read; -CRAMFS_ERR_FORMAT when a line cannot be applied,
 * or the file is no table; what the source of /etc/passwd or /etc/group returns when it cannot read
 * it; -CRAMFS_ERR_MEMORY.
 */
int cramfs_tree_read_device_table(struct cramfs_tree *tree, const char *path,
                                  struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
