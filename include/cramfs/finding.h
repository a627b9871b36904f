/*
 * Findings: what the checker reports about an image, and the rule that each one breaks.
 *
 * Each rule has a name for scripts, a severity, and one sentence that says what must hold. The list
 * below is complete; cramfsck(1) documents each of its rules.
 */
#ifndef CRAMFS_FINDING_H
#define CRAMFS_FINDING_H

#include <stdint.h>

#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

enum cramfs_finding_severity {
    CRAMFS_FINDING_ERROR,  /* a kernel would misread it, refuse it or fail */
    CRAMFS_FINDING_HAZARD, /* well-formed, but a kernel shows something other than was meant */
    CRAMFS_FINDING_NOTE,   /* allowed, and worth knowing */
};

/*      symbol            name                 severity what must hold */
#define CRAMFS_RULES(X)                                                                            \
    X(SUPER_SIZE, "super-size", ERROR, "the size in the superblock includes the superblock")       \
    X(TRUNCATED, "truncated", ERROR, "the file is as long as the superblock says")                 \
    X(SUPER_FLAGS, "super-flags", ERROR,                                                           \
      "a kernel does not mount an image with flags outside 0xfff")                                 \
    X(FLAGS_UNKNOWN, "flags-unknown", NOTE,                                                        \
      "flags in 0xfc have no meaning, and kernels ignore them")                                    \
    X(SUPER_FUTURE, "super-future", NOTE,                                                          \
      "the superblock's field that is reserved for future use is 0")                               \
    X(SUPER_NAME, "super-name", NOTE, "zeroes follow the volume's name")                           \
    X(SIGNATURE, "signature", NOTE, "the signature is \"Compressed ROMFS\"")                       \
    X(SUPER_ROOT, "super-root", ERROR, "the root is a directory")                                  \
    X(ROOT_OFFSET, "root-offset", ERROR,                                                           \
      "without SHIFTED_ROOT_OFFSET the root's entries begin directly after the superblock")        \
    X(ROOT_MODE, "root-mode", NOTE, "the root has the mode bits 0555, which the kernel adds")      \
    X(ROOT_NAME, "root-name", NOTE, "the root has no name")                                        \
    X(CRC, "crc", ERROR, "the CRC-32 in the superblock matches the image")                         \
    X(VENDOR_FORMAT, "vendor-format", ERROR,                                                       \
      "the image has the format that mainline kernels read")                                       \
    X(OLD_FORMAT, "old-format", NOTE,                                                              \
      "without FSID_VERSION_2 the superblock has no CRC, and its size and counts mean nothing")    \
    X(COUNTS, "counts", NOTE, "the superblock has the number of files")                            \
    X(BLOCK_COUNT, "block-count", NOTE,                                                            \
      "the superblock has the number of blocks, with or without holes and shared blocks")          \
    X(EXT_FLAG, "ext-flag", HAZARD,                                                                \
      "direct or stored pointers need EXT_BLOCK_POINTERS: older readers take them for plain "      \
      "pointers")                                                                                  \
    X(EXT_NEEDLESS, "ext-needless", NOTE,                                                          \
      "older readers refuse an image with EXT_BLOCK_POINTERS, so it is set only where needed")     \
    X(HOLES_FLAG, "holes-flag", NOTE, "an image with holes has the flag HOLES")                    \
    X(IMAGE_LENGTH, "image-length", HAZARD,                                                        \
      "the file is whole pages: a kernel never reads the partial last page of a block device")     \
    X(TRAILING_BYTES, "trailing-bytes", NOTE,                                                      \
      "bytes after the end of the file system are not part of it")                                 \
    X(UNOWNED_BYTES, "unowned-bytes", NOTE,                                                        \
      "bytes that belong to no file, directory or table are zero")                                 \
    X(DIRECTORY_OUTSIDE, "directory-outside", ERROR, "a directory's entries lie in the image")     \
    X(DIRECTORY_CYCLE, "directory-cycle", ERROR, "a directory does not contain itself")            \
    X(DIRECTORY_TWICE, "directory-twice", ERROR, "a directory has only one name")                  \
    X(DIRECTORY_OVERLAP, "directory-overlap", ERROR,                                               \
      "a directory shares its entries with nothing else")                                          \
    X(DIRECTORY_NOWHERE, "directory-nowhere", ERROR,                                               \
      "a directory with entries has the offset of its first entry")                                \
    X(ENTRY_CUT, "entry-cut", ERROR, "entries fill their directory exactly")                       \
    X(NAME_CUT, "name-cut", ERROR, "a name ends in its directory")                                 \
    X(ENTRY_NEAR_END, "entry-near-end", HAZARD,                                                    \
      "on MTD a kernel reads zeroes for an entry in the last 264 bytes of the image: readdir "     \
      "fails, lookup finds nothing")                                                               \
    X(NAME_EMPTY, "name-empty", ERROR, "an entry has a name")                                      \
    X(NAME_DOT, "name-dot", ERROR, "a name is not \".\" or \"..\"")                                \
    X(NAME_SLASH, "name-slash", ERROR, "a name contains no '/'")                                   \
    X(NAME_NUL, "name-nul", ERROR, "a name contains no NUL byte")                                  \
    X(NAME_PADDING, "name-padding", ERROR,                                                         \
      "at most 3 zeroes pad a name to a multiple of 4, or lookup never finds it")                  \
    X(NAME_CONTROL, "name-control", NOTE, "a name contains no control or format characters")       \
    X(NAME_DUPLICATE, "name-duplicate", ERROR, "a directory has each name only once")              \
    X(NAME_ORDER, "name-order", ERROR,                                                             \
      "with the flag SORTED_DIRS names are sorted: lookup stops at the first greater name")        \
    X(TYPE, "type", ERROR, "an entry is a file, directory, link, device, fifo or socket")          \
    X(DEVICE_NUMBER, "device-number", ERROR,                                                       \
      "a device number has 8 bits for major and 8 bits for minor")                                 \
    X(SPECIAL_SIZE, "special-size", NOTE, "a fifo or socket has size 0")                           \
    X(SPECIAL_OFFSET, "special-offset", NOTE,                                                      \
      "a device, fifo or socket has data offset 0, or older kernels take it for another file")     \
    X(LINK_EMPTY, "link-empty", ERROR, "a link's target has at least one byte")                    \
    X(LINK_LENGTH, "link-length", ERROR, "a link's target is shorter than a page")                 \
    X(LINK_NUL, "link-nul", ERROR, "a link's target contains no NUL byte")                         \
    X(FILE_NOWHERE, "file-nowhere", ERROR,                                                         \
      "a file with bytes has the offset of its pointer table")                                     \
    X(SHARED_INODE, "shared-inode", HAZARD,                                                        \
      "entries with the same data offset are one inode to the kernel: type, mode, uid, gid and "   \
      "size are those of the entry looked up first")                                               \
    X(TABLE_OUTSIDE, "table-outside", ERROR, "a pointer table lies in the image")                  \
    X(TABLE_OVERLAP, "table-overlap", ERROR, "a pointer table shares its bytes with nothing else") \
    X(POINTER_BACKWARDS, "pointer-backwards", ERROR,                                               \
      "a plain pointer does not end before the start of its block")                                \
    X(POINTER_WRAP, "pointer-wrap", ERROR,                                                         \
      "a block with a plain pointer begins below 1 GiB, since kernels use 30 bits of its start")   \
    X(POINTER_OUTSIDE, "pointer-outside", ERROR, "a block lies in the image")                      \
    X(PREFIX_OUTSIDE, "prefix-outside", ERROR,                                                     \
      "the length stored before a direct block lies in the image")                                 \
    X(BLOCK_LENGTH, "block-length", ERROR,                                                         \
      "a deflated block is at most two pages long, a stored block at most one")                    \
    X(BLOCK_OVERLAP, "block-overlap", ERROR,                                                       \
      "a block overlaps no other; but whole blocks may be shared, and stored blocks may begin at " \
      "the same offset")                                                                           \
    X(BLOCK_IN_METADATA, "block-in-metadata", ERROR,                                               \
      "a block does not overlap the superblock, entries or pointer tables")                        \
    X(BLOCK_INFLATE, "block-inflate", ERROR, "a deflated block is an undamaged zlib stream")       \
    X(BLOCK_OVER_PAGE, "block-over-page", ERROR, "a deflated block inflates to at most a page")    \
    X(BLOCK_PAST_END, "block-past-end", ERROR,                                                     \
      "a block contains no bytes after the end of its file")                                       \
    X(BLOCK_SHORT, "block-short", NOTE,                                                            \
      "a block has all bytes of its page, up to the end of its file; missing bytes read as "       \
      "zeroes")                                                                                    \
    X(BLOCK_SLACK, "block-slack", NOTE, "bytes after the zlib stream in a block are zero")         \
    X(HOLE_STORED, "hole-stored", NOTE,                                                            \
      "the pointer of a hole does not have the bit of stored blocks")                              \
    X(TAIL_LOST, "tail-lost", HAZARD,                                                              \
      "the last block of a file of whole pages is not direct and stored: read(2) gives zeroes "    \
      "for it, mmap(2) the page")                                                                  \
    X(TAIL_SHARED, "tail-shared", NOTE,                                                            \
      "zeroes follow the end of a file in its last page in place, or a kernel does not map that "  \
      "page directly")                                                                             \
    X(IN_PLACE_SHARED, "in-place-shared", HAZARD,                                                  \
      "no two inodes share a page in place: without an MMU the kernel panics when both are "       \
      "mapped")

enum cramfs_rule {
#define CRAMFS_RULE_SYMBOL(symbol, name, severity, text) CRAMFS_RULE_##symbol,
    CRAMFS_RULES(CRAMFS_RULE_SYMBOL)
#undef CRAMFS_RULE_SYMBOL
        CRAMFS_RULES_COUNT
};

struct cramfs_rule_info {
    const char *name;
    enum cramfs_finding_severity severity;
    const char *text;
};

const struct cramfs_rule_info *cramfs_rule_info(enum cramfs_rule rule);

/* "error", "hazard", "note". */
const char *cramfs_finding_severity_name(enum cramfs_finding_severity severity);

#define CRAMFS_NO_BLOCK  UINT32_MAX
#define CRAMFS_NO_OFFSET UINT64_MAX

struct cramfs_finding {
    enum cramfs_rule rule;
    enum cramfs_finding_severity severity; /* the rule's, unless the caller of the check chose
                                              another */
    uint32_t entry;   /* number in the survey's entries; CRAMFS_NO_ENTRY when it is about no file */
    uint32_t block;   /* of the entry's file; CRAMFS_NO_BLOCK when it is about no block */
    uint64_t offset;  /* in the image; CRAMFS_NO_OFFSET when it is about no place */
    const char *text; /* what was found, one line; lives as long as the call */
};

/* Receives findings: they come one by one, and are not kept. */
struct cramfs_listener {
    void (*found)(void *context, const struct cramfs_finding *finding);
    void *context;
};

CRAMFS_END_DECLARATIONS

#endif
