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

#define ALWAYS_ZLIB "cramfs has only zlib compression; --level=12 makes the smallest image"
#define NO_TIMES    "cramfs stores no times; leave it out"
#define NEW_IMAGE   "a new image replaces an existing file; leave it out"
#define ALL_ROOT    "--all-root gives everything to root, --owner=UID:GID to another user"
#define EXCLUDE                                                                                    \
    "--exclude=GLOB leaves out files that match GLOB, --exclude-from=FILE reads globs from FILE"
#define NO_PAD "images are padded only with --pad-to; leave it out"
#define EVERY_BLOCK                                                                                \
    "--xip chooses the pages to store uncompressed, --xip-rules chooses file by file (stored, "    \
    "in-place)"
#define NO_XATTRS                                                                                  \
    "cramfs stores no extended attributes; --allow=xattr (the default) drops them with a warning"
#define SHARED  "equal blocks and files are always stored once; leave it out"
#define ORDER   "write: mkcramfs-xip SOURCE... IMAGE"
#define SILENT  "--quiet prints only warnings and errors"
#define EXTRACT "--extract=DIR extracts into DIR"
#define LISTING "cramfs-dump lists the files of an image"

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
    {MAKE, "-regex", OF_SQUASH, "patterns of --exclude are globs; write a glob"},
    {MAKE, "-nopad", OF_SQUASH, NO_PAD},
    {MAKE, "-processors", OF_SQUASH, "--jobs=NUMBER sets the number of threads"},
    {MAKE, "-mem", OF_SQUASH, "compressed blocks stay in memory, without a limit; leave it out"},
    {MAKE, "-noI", OF_SQUASH, EVERY_BLOCK},
    {MAKE, "-noD", OF_SQUASH, EVERY_BLOCK},
    {MAKE, "-noF", OF_SQUASH, EVERY_BLOCK},
    {MAKE, "-no-compression", OF_SQUASH, EVERY_BLOCK},
    {MAKE, "-no-fragments", OF_SQUASH, "cramfs has no fragments; leave it out"},
    {MAKE, "-always-use-fragments", OF_SQUASH, "cramfs has no fragments; leave it out"},
    {MAKE, "-no-duplicates", OF_SQUASH, SHARED},
    {MAKE, "-no-sparse", OF_SQUASH, "--no-holes stores blocks of zeroes"},
    {MAKE, "-no-exports", OF_SQUASH, "cramfs has no export table for NFS; leave it out"},
    {MAKE, "-exports", OF_SQUASH, "cramfs has no export table for NFS; leave it out"},
    {MAKE, "-keep-as-directory", OF_SQUASH,
     "--into=PATH puts the SOURCE after it into the directory PATH"},
    {MAKE, "-mkfs-time", OF_SQUASH, NO_TIMES},
    {MAKE, "-fstime", OF_SQUASH, NO_TIMES},
    {MAKE, "-all-time", OF_SQUASH, NO_TIMES},
    {MAKE, "-reproducible", OF_SQUASH, "images are always reproducible; leave it out"},
    {MAKE, "-no-progress", OF_SQUASH, SILENT},
    {MAKE, "-progress", OF_SQUASH,
     "a terminal gets a progress bar without an option; leave it out"},
    {MAKE, "-info", OF_SQUASH, "--verbose prints a line for each file"},
    {MAKE, "-pf", OF_SQUASH,
     "--device-table=FILE makes device nodes; an mtree manifest can be a SOURCE"},
    {MAKE, "-sort", OF_SQUASH,
     "--like=OLD keeps the layout of OLD, --xip-profile=FILE puts touched pages in place"},
    {MAKE, "-tar", OF_SQUASH, "a tar archive can be a SOURCE, and - is standard input"},
    {MAKE, "-Xcompression-level", OF_SQUASH, "--level=LEVEL sets the compression level"},
    {MAKE, "-Xdict-size", OF_SQUASH, ALWAYS_ZLIB},
    {MAKE, "-Xbcj", OF_SQUASH, ALWAYS_ZLIB},
    {MAKE, "-Xhc", OF_SQUASH, ALWAYS_ZLIB},
    {MAKE, "-zlz4", OF_EROFS, ALWAYS_ZLIB},
    {MAKE, "-zlz4hc", OF_EROFS, ALWAYS_ZLIB},
    {MAKE, "-zlzma", OF_EROFS, ALWAYS_ZLIB},
    {MAKE, "-zzstd", OF_EROFS, ALWAYS_ZLIB},
    {MAKE, "-zdeflate", OF_EROFS, ALWAYS_ZLIB},
    {MAKE, "-C", OF_EROFS, "each page of the target is compressed alone; leave it out"},
    {MAKE, "-T", OF_EROFS, NO_TIMES},
    {MAKE, "-U", "mkfs.erofs or mkfs.jffs2",
     "cramfs has no UUID, use --name or --edition; --all-root gives everything to root"},
    {MAKE, "--force-uid", OF_EROFS, ALL_ROOT},
    {MAKE, "--force-gid", OF_EROFS, ALL_ROOT},
    {MAKE, "--exclude-path", OF_EROFS, EXCLUDE},
    {MAKE, "--exclude-regex", OF_EROFS, EXCLUDE},
    {MAKE, "--ignore-mtime", OF_EROFS, NO_TIMES},
    {MAKE, "--preserve-mtime", OF_EROFS, NO_TIMES},
    {MAKE, "--workers", OF_EROFS, "--jobs=NUMBER sets the number of threads"},
    {MAKE, "--chunksize", OF_EROFS, EVERY_BLOCK},
    {MAKE, "--mount-point", OF_EROFS,
     "--into=PATH puts the SOURCE after it into the directory PATH"},
    {MAKE, "--file-contexts", OF_EROFS, NO_XATTRS},
    {MAKE, "-f", OF_ROMFS, "the image is the last operand; " ORDER},
    {MAKE, "-d", "genromfs or mkfs.jffs2", "the directory is an operand; " ORDER},
    {MAKE, "-a", OF_ROMFS, "pages in place are always aligned; leave it out"},
    {MAKE, "-A", OF_ROMFS, "pages in place are always aligned; --xip-rules chooses the files"},
    {MAKE, "-r", OF_JFFS2, "the directory is an operand; " ORDER},
    {MAKE, "--root", OF_JFFS2, "the directory is an operand; " ORDER},
    {MAKE, "-o", OF_JFFS2, "the image is the last operand; " ORDER},
    {MAKE, "--output", OF_JFFS2, "the image is the last operand; " ORDER},
    {MAKE, "-l", OF_JFFS2, "--endian=little is the default"},
    {MAKE, "--little-endian", OF_JFFS2, "--endian=little is the default"},
    {MAKE, "--big-endian", OF_JFFS2, "write --endian=big"},
    {MAKE, "--eraseblock", OF_JFFS2,
     "--erase-block=SIZE is the size, --pad-to=erase-block pads to a multiple of it"},
    {MAKE, "--pagesize", OF_JFFS2, "--block-size=SIZE is the page size of the target"},
    {MAKE, "--devtable", OF_JFFS2, "--device-table=FILE reads the same table"},
    {MAKE, "--squash", OF_JFFS2, "--all-root gives everything to root"},
    {MAKE, "--squash-uids", OF_JFFS2, "--all-root gives everything to root"},
    {MAKE, "-P", OF_JFFS2, "permissions are kept; --device-table=FILE changes them"},
    {MAKE, "--squash-perms", OF_JFFS2, "permissions are kept; --device-table=FILE changes them"},
    {MAKE, "--no-cleanmarkers", OF_JFFS2, "cramfs has no cleanmarkers; leave it out"},
    {MAKE, "--compression-mode", OF_JFFS2, ALWAYS_ZLIB},
    {MAKE, "--compressor-priority", OF_JFFS2, ALWAYS_ZLIB},
    {MAKE, "--with-xattr", OF_JFFS2, NO_XATTRS},
    {MAKE, "--faketime", OF_JFFS2, NO_TIMES},
    {CHECK, "-f", OF_UN, "--force replaces files in the directory of --extract"},
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
    {CHECK, "-C", "fsck", "there is no progress bar; leave it out"},
    {CHECK, "--overwrite", "fsck.erofs", "--force replaces existing files"},
    {CHECK, "--preserve", "fsck.erofs", "--privileged also extracts device nodes and set-id bits"},
    {CHECK, "--device", "fsck.erofs", "an image is one file; leave it out"},
    {DUMP, "-ll", OF_UN, "-l shows details, and -R all directories"},
    {DUMP, "-ls", OF_UN, "without an option cramfs-dump prints a listing"},
    {DUMP, "-lls", OF_UN, "-l shows details, and -R all directories"},
    {DUMP, "-s", "dump.erofs or unsquashfs", "--super shows the superblock"},
    {DUMP, "-S", "dump.erofs", "--du shows where the bytes go"},
    {DUMP, "-e", "dump.erofs", "--extents shows all extents, --stat=PATH the extents of one file"},
    {DUMP, "--ls", "dump.erofs", "without an option cramfs-dump prints a listing"},
    {DUMP, "--path", "dump.erofs", "--stat=PATH shows one file"},
    {DUMP, "-d", OF_UN, "cramfsck --extract=DIR extracts an image"},
    {DUMP, "-x", "cramfsck", "cramfsck --extract=DIR extracts an image"},
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
