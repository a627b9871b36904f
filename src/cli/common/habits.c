/*
 * Habits: options of programs that make or check other file systems, and the way to do the same
 * here.
 */
#include <string.h>

#include "cli/common/common.h"
#include "cli/common/guess.h"

#define MAKE  "mkcramfs-xip"
#define CHECK "cramfsck"
#define DUMP  "cramfs-dump"

#define OF_SQUASH "mksquashfs"
#define OF_EROFS  "mkfs.erofs"
#define OF_ROMFS  "genromfs"
#define OF_JFFS2  "mkfs.jffs2"
#define OF_UN     "unsquashfs"

#define ALWAYS_ZLIB "a cramfs is compressed with zlib's format alone; --level=12 makes it smallest"
#define NO_TIMES    "a cramfs holds no times, so it needs none; leave it out"
#define NEW_IMAGE   "each image is made anew, and replaces an older one; leave it out"
#define ALL_ROOT    "--all-root makes everything root's, --owner=UID:GID somebody's"
#define EXCLUDE     "--exclude=GLOB leaves out what matches GLOB, --exclude-from=FILE by a list"
#define NO_PAD      "nothing is padded without --pad-to; leave it out"
#define EVERY_BLOCK "--xip says what is not compressed, --xip-rules file by file (stored, in-place)"
#define NO_XATTRS   "a cramfs holds none; --allow=xattr, the default, drops them with a warning"
#define SHARED      "equal blocks and files are always stored once; leave it out"
#define ORDER       "write: mkcramfs-xip SOURCE... IMAGE"
#define SILENT      "--quiet prints only warnings and errors"
#define EXTRACT     "--extract=DIR extracts into DIR"
#define LISTING     "cramfs-dump lists what is in an image"

static const struct habit habits[] = {
    {MAKE, "-comp", OF_SQUASH, ALWAYS_ZLIB},
    {MAKE, "-noappend", OF_SQUASH, NEW_IMAGE},
    {MAKE, "-no-xattrs", OF_SQUASH, NO_XATTRS},
    {MAKE, "-xattrs", OF_SQUASH, NO_XATTRS},
    {MAKE, "-root-owned", OF_SQUASH, ALL_ROOT},
    {MAKE, "-force-uid", OF_SQUASH, ALL_ROOT},
    {MAKE, "-force-gid", OF_SQUASH, ALL_ROOT},
    {MAKE, "-ef", OF_SQUASH, EXCLUDE},
    {MAKE, "-wildcards", OF_SQUASH, "patterns of --exclude are globs; leave it out"},
    {MAKE, "-regex", OF_SQUASH, "patterns of --exclude are globs; write one"},
    {MAKE, "-nopad", OF_SQUASH, NO_PAD},
    {MAKE, "-processors", OF_SQUASH, "--jobs=NUMBER says how many threads compress"},
    {MAKE, "-mem", OF_SQUASH, "encoded blocks stay in memory, without a bound; leave it out"},
    {MAKE, "-noI", OF_SQUASH, EVERY_BLOCK},
    {MAKE, "-noD", OF_SQUASH, EVERY_BLOCK},
    {MAKE, "-noF", OF_SQUASH, EVERY_BLOCK},
    {MAKE, "-no-compression", OF_SQUASH, EVERY_BLOCK},
    {MAKE, "-no-fragments", OF_SQUASH, "a cramfs has no fragments; leave it out"},
    {MAKE, "-always-use-fragments", OF_SQUASH, "a cramfs has no fragments; leave it out"},
    {MAKE, "-no-duplicates", OF_SQUASH, SHARED},
    {MAKE, "-no-sparse", OF_SQUASH, "--no-holes stores blocks of zeroes"},
    {MAKE, "-no-exports", OF_SQUASH, "a cramfs has no table for NFS; leave it out"},
    {MAKE, "-exports", OF_SQUASH, "a cramfs has no table for NFS; leave it out"},
    {MAKE, "-keep-as-directory", OF_SQUASH,
     "--into=PATH puts the SOURCE after it into a directory"},
    {MAKE, "-mkfs-time", OF_SQUASH, NO_TIMES},
    {MAKE, "-fstime", OF_SQUASH, NO_TIMES},
    {MAKE, "-all-time", OF_SQUASH, NO_TIMES},
    {MAKE, "-reproducible", OF_SQUASH, "images are always reproducible; leave it out"},
    {MAKE, "-no-progress", OF_SQUASH, SILENT},
    {MAKE, "-progress", OF_SQUASH, "a bar is shown at a terminal; leave it out"},
    {MAKE, "-info", OF_SQUASH, "--verbose prints a line for each file"},
    {MAKE, "-pf", OF_SQUASH, "--device-table=FILE makes nodes, and mtree manifests are SOURCEs"},
    {MAKE, "-sort", OF_SQUASH,
     "--like=OLD keeps a layout, --xip-profile puts what is touched in place"},
    {MAKE, "-tar", OF_SQUASH, "a tar is a SOURCE like a directory, and - is standard input"},
    {MAKE, "-Xcompression-level", OF_SQUASH, "--level=LEVEL says how small"},
    {MAKE, "-Xdict-size", OF_SQUASH, ALWAYS_ZLIB},
    {MAKE, "-Xbcj", OF_SQUASH, ALWAYS_ZLIB},
    {MAKE, "-Xhc", OF_SQUASH, ALWAYS_ZLIB},
    {MAKE, "-zlz4", OF_EROFS, ALWAYS_ZLIB},
    {MAKE, "-zlz4hc", OF_EROFS, ALWAYS_ZLIB},
    {MAKE, "-zlzma", OF_EROFS, ALWAYS_ZLIB},
    {MAKE, "-zzstd", OF_EROFS, ALWAYS_ZLIB},
    {MAKE, "-zdeflate", OF_EROFS, ALWAYS_ZLIB},
    {MAKE, "-C", OF_EROFS, "a block is compressed by itself, in pages of the target; leave it out"},
    {MAKE, "-T", OF_EROFS, NO_TIMES},
    {MAKE, "-U", "mkfs.erofs or mkfs.jffs2",
     "a cramfs has no UUID, but --name and --edition; --all-root makes everything root's"},
    {MAKE, "--force-uid", OF_EROFS, ALL_ROOT},
    {MAKE, "--force-gid", OF_EROFS, ALL_ROOT},
    {MAKE, "--exclude-path", OF_EROFS, EXCLUDE},
    {MAKE, "--exclude-regex", OF_EROFS, EXCLUDE},
    {MAKE, "--ignore-mtime", OF_EROFS, NO_TIMES},
    {MAKE, "--preserve-mtime", OF_EROFS, NO_TIMES},
    {MAKE, "--workers", OF_EROFS, "--jobs=NUMBER says how many threads compress"},
    {MAKE, "--chunksize", OF_EROFS, EVERY_BLOCK},
    {MAKE, "--mount-point", OF_EROFS, "--into=PATH puts the SOURCE after it into a directory"},
    {MAKE, "--file-contexts", OF_EROFS, NO_XATTRS},
    {MAKE, "-f", OF_ROMFS, "the image is the last operand; " ORDER},
    {MAKE, "-d", "genromfs or mkfs.jffs2", "the directory is an operand; " ORDER},
    {MAKE, "-a", OF_ROMFS, "what runs in place is aligned to pages, and nothing else needs it"},
    {MAKE, "-A", OF_ROMFS,
     "what runs in place is aligned to pages; --xip-rules says which files do"},
    {MAKE, "-r", OF_JFFS2, "the directory is an operand; " ORDER},
    {MAKE, "--root", OF_JFFS2, "the directory is an operand; " ORDER},
    {MAKE, "-o", OF_JFFS2, "the image is the last operand; " ORDER},
    {MAKE, "--output", OF_JFFS2, "the image is the last operand; " ORDER},
    {MAKE, "-l", OF_JFFS2, "--endian=little is the default"},
    {MAKE, "--little-endian", OF_JFFS2, "--endian=little is the default"},
    {MAKE, "--big-endian", OF_JFFS2, "--endian=big is the same"},
    {MAKE, "--eraseblock", OF_JFFS2,
     "--erase-block=SIZE, with --pad-to=erase-block to fill one up"},
    {MAKE, "--pagesize", OF_JFFS2, "--block-size=SIZE is the page size of the target"},
    {MAKE, "--devtable", OF_JFFS2, "--device-table=FILE takes the same table"},
    {MAKE, "--squash", OF_JFFS2, "--all-root makes everything root's"},
    {MAKE, "--squash-uids", OF_JFFS2, "--all-root makes everything root's"},
    {MAKE, "-P", OF_JFFS2, "permissions are kept; --device-table=FILE sets others"},
    {MAKE, "--squash-perms", OF_JFFS2, "permissions are kept; --device-table=FILE sets others"},
    {MAKE, "--no-cleanmarkers", OF_JFFS2, "a cramfs has none; leave it out"},
    {MAKE, "--compression-mode", OF_JFFS2, ALWAYS_ZLIB},
    {MAKE, "--compressor-priority", OF_JFFS2, ALWAYS_ZLIB},
    {MAKE, "--with-xattr", OF_JFFS2, NO_XATTRS},
    {MAKE, "--faketime", OF_JFFS2, NO_TIMES},
    {CHECK, "-f", OF_UN, "--force replaces what is in the directory of --extract"},
    {CHECK, "-d", OF_UN, EXTRACT},
    {CHECK, "-dest", OF_UN, EXTRACT},
    {CHECK, "-l", OF_UN, LISTING},
    {CHECK, "-ll", OF_UN, LISTING " (-l with details)"},
    {CHECK, "-ls", OF_UN, LISTING},
    {CHECK, "-lls", OF_UN, LISTING " (-l with details)"},
    {CHECK, "-stat", OF_UN, "cramfs-dump --super shows the superblock"},
    {CHECK, "-s", OF_UN, "cramfs-dump --super shows the superblock"},
    {CHECK, "-p", "fsck", "nothing is ever repaired; leave it out"},
    {CHECK, "-n", "fsck", "nothing is ever written to the image; leave it out"},
    {CHECK, "-C", "fsck", "there is no bar; leave it out"},
    {CHECK, "--overwrite", "fsck.erofs", "--force replaces what is there"},
    {CHECK, "--preserve", "fsck.erofs", "--privileged also extracts nodes and set-id bits"},
    {CHECK, "--device", "fsck.erofs", "an image is one file; leave it out"},
    {DUMP, "-ll", OF_UN, "-l shows details, and -R all directories"},
    {DUMP, "-ls", OF_UN, "a listing is what is printed without an option"},
    {DUMP, "-lls", OF_UN, "-l shows details, and -R all directories"},
    {DUMP, "-s", "dump.erofs or unsquashfs", "--super shows the superblock"},
    {DUMP, "-S", "dump.erofs", "--du shows where the bytes go"},
    {DUMP, "-e", "dump.erofs", "--extents shows every extent, --stat=PATH those of an inode"},
    {DUMP, "--ls", "dump.erofs", "a listing is what is printed without an option"},
    {DUMP, "--path", "dump.erofs", "--stat=PATH shows an inode"},
    {DUMP, "-d", OF_UN, "cramfsck --extract=DIR extracts"},
    {DUMP, "-x", "cramfsck", "cramfsck --extract=DIR extracts"},
    {DUMP, "-v", "other programs", "-l shows details"},
};

const struct habit *find_habit(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
        if (strcmp(habits[i].program, program_kind) == 0 && strlen(habits[i].word) == length &&
            strncmp(habits[i].word, word, length) == 0)
            return &habits[i];
    }
    return NULL;
}
