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
    X(SUPER_SIZE, "super-size", ERROR, "the superblock counts at least its own bytes")             \
    X(TRUNCATED, "truncated", ERROR, "the file holds all the bytes that the superblock counts")    \
    X(SUPER_FLAGS, "super-flags", ERROR, "the kernel refuses flags outside 0xfff")                 \
    X(FLAGS_UNKNOWN, "flags-unknown", NOTE,                                                        \
      "flags in 0xfc have no meaning, and kernels pass over them")                                 \
    X(SUPER_FUTURE, "super-future", NOTE, "the superblock's field for future use is 0")            \
    X(SUPER_NAME, "super-name", NOTE, "the volume's name is padded with zeroes")                   \
    X(SIGNATURE, "signature", NOTE, "the signature is \"Compressed ROMFS\"")                       \
    X(SUPER_ROOT, "super-root", ERROR, "the root is a directory")                                  \
    X(ROOT_OFFSET, "root-offset", ERROR,                                                           \
      "without SHIFTED_ROOT_OFFSET the root's entries stand right behind the superblock")          \
    X(ROOT_MODE, "root-mode", NOTE, "the root has the mode bits 0555, which the kernel adds")      \
    X(ROOT_NAME, "root-name", NOTE, "the root has no name")                                        \
    X(CRC, "crc", ERROR, "the CRC-32 is that of the image")                                        \
    X(VENDOR_FORMAT, "vendor-format", ERROR,                                                       \
      "the image is of the format that mainline kernels read")                                     \
    X(OLD_FORMAT, "old-format", NOTE,                                                              \
      "without FSID_VERSION_2 there is no CRC, and size and counts mean nothing")                  \
    X(COUNTS, "counts", NOTE, "the superblock counts the files")                                   \
    X(BLOCK_COUNT, "block-count", NOTE,                                                            \
      "the superblock counts the blocks, with or without holes and shared ones")                   \
    X(EXT_FLAG, "ext-flag", HAZARD,                                                                \
      "direct or stored pointers need EXT_BLOCK_POINTERS: older readers take them for plain ones") \
    X(EXT_NEEDLESS, "ext-needless", NOTE,                                                          \
      "older readers refuse an image with EXT_BLOCK_POINTERS, so it is set only where needed")     \
    X(HOLES_FLAG, "holes-flag", NOTE, "an image with holes says so with HOLES")                    \
    X(IMAGE_LENGTH, "image-length", HAZARD, "a block device's partial last page is never read")    \
    X(TRAILING_BYTES, "trailing-bytes", NOTE,                                                      \
      "bytes behind the file system's size are not part of it")                                    \
    X(UNOWNED_BYTES, "unowned-bytes", NOTE, "bytes that belong to nothing are zero")               \
    X(DIRECTORY_OUTSIDE, "directory-outside", ERROR, "a directory's entries lie in the image")     \
    X(DIRECTORY_CYCLE, "directory-cycle", ERROR, "a directory does not contain itself")            \
    X(DIRECTORY_TWICE, "directory-twice", ERROR, "a directory has one name")                       \
    X(DIRECTORY_OVERLAP, "directory-overlap", ERROR, "a directory's entries are its own")          \
    X(DIRECTORY_NOWHERE, "directory-nowhere", ERROR,                                               \
      "a directory with entries says where they are")                                              \
    X(ENTRY_CUT, "entry-cut", ERROR, "entries fill their directory exactly")                       \
    X(NAME_CUT, "name-cut", ERROR, "a name ends in its directory")                                 \
    X(ENTRY_NEAR_END, "entry-near-end", HAZARD,                                                    \
      "on MTD an entry within 264 bytes of the image's end reads as zeroes: readdir fails, "       \
      "lookup finds nothing")                                                                      \
    X(NAME_EMPTY, "name-empty", ERROR, "an entry has a name")                                      \
    X(NAME_DOT, "name-dot", ERROR, "a name is not \".\" or \"..\"")                                \
    X(NAME_SLASH, "name-slash", ERROR, "a name holds no '/'")                                      \
    X(NAME_NUL, "name-nul", ERROR, "a name holds no NUL")                                          \
    X(NAME_PADDING, "name-padding", ERROR,                                                         \
      "zeroes fill a name to the next multiple of 4, or lookup never finds it")                    \
    X(NAME_CONTROL, "name-control", NOTE, "a name holds no control or format characters")          \
    X(NAME_DUPLICATE, "name-duplicate", ERROR, "a name stands once in a directory")                \
    X(NAME_ORDER, "name-order", ERROR, "under SORTED_DIRS lookup stops at the first greater name") \
    X(TYPE, "type", ERROR, "an entry is a file, directory, link, device, fifo or socket")          \
    X(DEVICE_NUMBER, "device-number", ERROR, "a device number has 8 bits of major and 8 of minor") \
    X(SPECIAL_SIZE, "special-size", NOTE, "a fifo or socket has size 0")                           \
    X(SPECIAL_OFFSET, "special-offset", NOTE,                                                      \
      "a device, fifo or socket has data offset 0, or older kernels take it for another inode")    \
    X(LINK_EMPTY, "link-empty", ERROR, "a link's target has at least one byte")                    \
    X(LINK_LENGTH, "link-length", ERROR, "a link's target is shorter than a page")                 \
    X(LINK_NUL, "link-nul", ERROR, "a link's target holds no NUL")                                 \
    X(FILE_NOWHERE, "file-nowhere", ERROR, "a file with bytes says where they are")                \
    X(SHARED_INODE, "shared-inode", HAZARD,                                                        \
      "entries with one data offset are one inode to the kernel: type, mode, uid, gid and size "   \
      "are those of whichever is looked up first")                                                 \
    X(TABLE_OUTSIDE, "table-outside", ERROR, "a pointer table lies in the image")                  \
    X(TABLE_OVERLAP, "table-overlap", ERROR, "a pointer table's bytes are its own")                \
    X(POINTER_BACKWARDS, "pointer-backwards", ERROR,                                               \
      "a plain pointer does not end in front of its block's start")                                \
    X(POINTER_WRAP, "pointer-wrap", ERROR,                                                         \
      "a plain block begins below 1 GiB, since its start is masked to 30 bits")                    \
    X(POINTER_OUTSIDE, "pointer-outside", ERROR, "a block lies in the image")                      \
    X(PREFIX_OUTSIDE, "prefix-outside", ERROR, "a direct block's length lies in the image")        \
    X(BLOCK_LENGTH, "block-length", ERROR, "a block has at most two pages, or one when stored")    \
    X(BLOCK_OVERLAP, "block-overlap", ERROR, "a block's bytes are its own, or shared whole")       \
    X(BLOCK_IN_METADATA, "block-in-metadata", ERROR,                                               \
      "a block's bytes are not those of superblock, entries or pointers")                          \
    X(BLOCK_INFLATE, "block-inflate", ERROR, "a deflated block is a sound zlib stream")            \
    X(BLOCK_OVER_PAGE, "block-over-page", ERROR, "a deflated block inflates to at most a page")    \
    X(BLOCK_PAST_END, "block-past-end", ERROR,                                                     \
      "a block holds no bytes behind the end of its file")                                         \
    X(BLOCK_SHORT, "block-short", NOTE, "what a block is short of reads as zeroes")                \
    X(BLOCK_SLACK, "block-slack", NOTE, "bytes behind the stream in its block are zero")           \
    X(HOLE_STORED, "hole-stored", NOTE, "the pointer of a hole does not say that it is stored")    \
    X(TAIL_LOST, "tail-lost", HAZARD,                                                              \
      "read(2) takes size % page = 0 bytes of a last block that is direct and stored, and gives "  \
      "zeroes, while mmap(2) shows the page")                                                      \
    X(TAIL_SHARED, "tail-shared", NOTE,                                                            \
      "behind a file's end in its last page in place are zeroes, or the page is not mapped "       \
      "directly")                                                                                  \
    X(IN_PLACE_SHARED, "in-place-shared", HAZARD,                                                  \
      "without an MMU the kernel panics when two inodes map one page in place")

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
