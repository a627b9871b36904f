/*
 * Device tables: owners, permissions and device nodes that the sources of a tree cannot have when
 * a plain user makes them. One line each, in the format of makedevs.
 *
 *     # name         type  mode  uid  gid    major  minor  start  inc  count
 *     /dev           d     755   0    0      -      -      -      -    -
 *     /dev/console   c     600   root tty    5      1      -      -    -
 *     /dev/mtdblock  b     640   0    disk   31     0      0      1    8
 *     /bin/busybox   f     4755  0    0      -      -      -      -    -
 *     /srv/www       r     -1    www  www    -      -      -      -    -
 *
 * There are several programs called makedevs: Buildroot, BusyBox and OpenEmbedded each have their
 * own. mkfs.jffs2, mkfs.ubifs, genext2fs and the mkcramfs of cramfs-tools read the same tables with
 * their -D. Where they differ, the text below says what this reader does.
 *
 * LINES end in LF or CR LF; the last one may end without. Empty lines are ignored, and so is all
 * from a '#' at the beginning of a field to the end of the line. Fields are separated by blanks and
 * tabs, so a name cannot contain either. Lines take effect in their order, on the tree as all
 * sources and the lines before have made it. A line of more than CRAMFS_DEVICE_LINE_SIZE bytes or
 * with a NUL is an error, and so is a table of more than 16 MiB: it is some other file.
 *
 * NAME is an absolute path in the tree, without "..". Symbolic links on the way are followed as
 * they will be on the target: an absolute one begins at the root of the tree, and none leads out
 * of it. (Where /bin is a link to /usr/bin, "/bin/busybox" works.) All directories on the way must
 * exist, except for type d.
 *
 * TYPE is one letter:
 *   f  a regular file, which must exist (also through a link): sets its mode and owner
 *   F  the same, but the line does nothing when there is no regular file (Buildroot)
 *   d  a directory (also through a link): sets its mode and owner, and makes it when it does not
 *      exist; missing directories on the way are made with 0755, 0:0
 *   r  a directory with all that is below it (Buildroot): files and directories alike get the same
 *      mode and the owner. Links below it, or at the name itself, are not followed; they keep
 *      their mode, which means nothing, and get the owner. The name may be of any type
 *   l  a symbolic link, which must exist: sets its owner (mkfs.jffs2, mkfs.ubifs). The mode is
 *      777 or -1, since Linux knows no other. A table cannot say where a link leads
 *   c  a character device, b a block device, p a fifo: makes it, and replaces anything of that name
 *      except a directory. Its directory must exist
 *
 * MODE is octal, 0 to 7777. -1 keeps the mode that is there, and a uid or gid of -1 keeps the owner
 * or group; what is new needs values.
 *
 * A file with several names in a source (hard links) has become one file for each name: f and F
 * change only the one they name, where makedevs would change them all.
 *
 * UID and GID are decimal numbers or names. A name is looked up in /etc/passwd or /etc/group OF THE
 * TREE, never of the machine that packs it, whose numbers are not the target's: a source must have
 * such a file, with the name in it. A field of digits alone is always a number.
 *
 * MAJOR and MINOR are decimal numbers, needed for c and b; for all other types they are '-' or 0.
 * This reader accepts 32 bits for each number, also for UID and GID: cramfs_tree_fit() reports
 * numbers that the format has no room for.
 *
 * START, INC and COUNT make a range of c, b or p: COUNT nodes. Their names are NAME followed by the
 * decimal numbers START, START + 1 and so on; their minor numbers are MINOR, MINOR + INC and so on.
 * So mtdblock above is mtdblock0 to mtdblock7. Without COUNT, which is '-', 0 or left out, there is
 * one node with the plain NAME. Other programs differ:
 *   - COUNT 1 makes NAME followed by START here, as in OpenEmbedded (whose own table has such
 *     lines), mkfs.jffs2 and mkfs.ubifs. Buildroot and BusyBox make the plain NAME. A note says so;
 *   - mkcramfs of cramfs-tools took COUNT for the number to stop before: where START is not 0 it
 *     made fewer nodes than its own example says;
 *   - all of them read a line up to the first '-' and no further. So they ignored a COUNT after a
 *     '-', and here it is an error: write 0 instead of '-' before a COUNT.
 * A range has at most 65536 nodes, as many as two numbers of 8 bits can number. All ranges of c
 * and b in a table have at most twice as many together: a short table cannot make endless work.
 *
 * Trailing fields may be left out, except for the first five.
 *
 * A line that begins with "|xattr" gives a capability to the file of the line before it
 * (Buildroot). The format holds none: such lines are counted, and cramfs_tree_report_losses()
 * reports them.
 */
#ifndef CRAMFS_DEVICE_TABLE_H
#define CRAMFS_DEVICE_TABLE_H

#include "cramfs/declarations.h"
#include "cramfs/tree.h"

CRAMFS_BEGIN_DECLARATIONS

/* The longest line, without its end. */
#define CRAMFS_DEVICE_LINE_SIZE 8191

/*
 * Applies the table in file `path` to the tree. Call it after all sources, and call
 * cramfs_tree_finish() (again) afterwards, since nodes may be new. Several tables are applied one
 * after the other.
 *
 * Each line that cannot be applied adds an error whose path is "FILE:LINE". The other lines are
 * applied nevertheless, so that all errors are reported at once; the tree must not be used
 * afterwards. Returns 0; -CRAMFS_ERR_IO when the table cannot be read; -CRAMFS_ERR_FORMAT when a
 * line cannot be applied, or the file is not a table; the error of the source of /etc/passwd or
 * /etc/group when it cannot read that; -CRAMFS_ERR_MEMORY.
 */
int cramfs_tree_read_device_table(struct cramfs_tree *tree, const char *path,
                                  struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
