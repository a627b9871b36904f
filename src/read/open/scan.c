/*
 * Scanning a dump for superblocks: a piece at a time, since it may be larger than memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "read/open/open.h"

enum {
    PIECE = 1 << 20,
    MARK_AT = 16, /* the signature, from the superblock's beginning on */
    MARK_SIZE = 16,
    LOOK_AHEAD = MARK_AT + MARK_SIZE - 1, /* for a superblock that begins on a piece's last byte */
};

/*
 * Limits how often bytes are read: in a dump full of superblocks that all claim the rest of it, not
 * every one may read the rest. A dump with one image after the other needs its size three times:
 * two CRCs to find where an image begins, and one for its own CRC.
 */
#define MOST_READ 16u

struct open_scanning {
    int file;
    uint64_t size;
    uint64_t credit; /* bytes that CRCs may still read */
    cramfs_scan_fn *found;
    void *context;
    unsigned char marks[CRAMFS_SWAPS_COUNT][MARK_SIZE];
};

/* Reads the image for its CRC, and for where it begins. */
static int test_crc(struct open_scanning *scanning, uint64_t place, const struct header *header,
                    struct cramfs_scanned *scanned)
{
    struct file_window window = {.file_size = scanning->size};
    struct cramfs_image image = {0};
    const struct cramfs_open_options options = {.offset = place};
    int error = 0;
    if (load(&window, scanning->file, &options))
        error = attach(&window, place, header, &image);
    else
        error = errno == ENOMEM ? -CRAMFS_ERR_MEMORY : -CRAMFS_ERR_IO;
    if (!error) {
        scanned->offset = image.offset;
        scanned->super_offset = image.super_offset;
        scanned->crc = crc_holds(&image) ? CRAMFS_CRC_RIGHT : CRAMFS_CRC_WRONG;
    }
    cramfs_image_close(&image);
    unload(&window);
    return error;
}

/* Examines the superblock at `place`, which has the signature. */
static int look_at(struct open_scanning *scanning, uint64_t place)
{
    unsigned char bytes[CRAMFS_SUPER_SIZE];
    struct header header;
    if (!io_read_at(scanning->file, bytes, sizeof(bytes), place))
        return -CRAMFS_ERR_IO;
    if (!decode_header(bytes, &header) || !header.has_signature)
        return 0;
    bool boot = header.super.root.offset == CRAMFS_BOOT_SIZE + CRAMFS_SUPER_SIZE &&
                place >= CRAMFS_BOOT_SIZE;
    struct cramfs_scanned scanned = {
        .offset = place - (boot ? CRAMFS_BOOT_SIZE : 0),
        .super_offset = boot ? CRAMFS_BOOT_SIZE : 0,
        .swap = header.swap,
        .order = header.order,
        .super = header.super,
        .crc = CRAMFS_CRC_NONE,
    };
    uint64_t there = scanning->size - place;
    uint64_t cost = claimed_size(&header.super) < there ? claimed_size(&header.super) : there;
    int error = 0;
    if (header.super.flags & CRAMFS_FLAG_FSID_VERSION_2) {
        scanned.crc = CRAMFS_CRC_UNTESTED;
        if (3 * cost <= scanning->credit) {
            scanning->credit -= 3 * cost;
            error = test_crc(scanning, place, &header, &scanned);
        }
    }
    return error ? error : scanning->found(scanning->context, &scanned);
}

/*
 * Steps to the next signature of any form; `length` when there is none. Each form is searched for
 * only after its last match, or a piece full of one form would be searched again and again for the
 * others.
 */
static size_t next_mark(const struct open_scanning *scanning, const unsigned char *piece,
                        size_t length, size_t at, size_t next[CRAMFS_SWAPS_COUNT])
{
    size_t least = length;
    for (int swap = 0; swap < CRAMFS_SWAPS_COUNT; swap++) {
        if (next[swap] < at) {
            const unsigned char *mark =
                memmem(piece + at, length - at, scanning->marks[swap], MARK_SIZE);
            next[swap] = mark ? (size_t)(mark - piece) : length;
        }
        if (next[swap] < least)
            least = next[swap];
    }
    return least;
}

/* Examines each superblock that begins in the piece; the piece begins at `begin`. */
static int scan_piece(struct open_scanning *scanning, unsigned char *piece, uint64_t begin)
{
    uint64_t rest = scanning->size - begin;
    size_t length = rest < LOOK_AHEAD + PIECE ? (size_t)rest : LOOK_AHEAD + PIECE;
    size_t next[CRAMFS_SWAPS_COUNT] = {0};
    if (!io_read_at(scanning->file, piece, length, begin))
        return -CRAMFS_ERR_IO;
    for (size_t at = MARK_AT; at < length; at++) {
        at = next_mark(scanning, piece, length, at, next);
        uint64_t place = begin + at - MARK_AT;
        if (at == length || scanning->size - place < CRAMFS_SUPER_SIZE)
            return 0;
        int error = look_at(scanning, place);
        if (error)
            return error;
    }
    return 0;
}

int cramfs_scan(const char *path, cramfs_scan_fn *found, void *context, struct cramfs_diags *diags)
{
    struct open_scanning scanning = {.found = found, .context = context};
    for (int swap = 0; swap < CRAMFS_SWAPS_COUNT; swap++)
        cramfs_swap_copy((enum cramfs_swap)swap, scanning.marks[swap], CRAMFS_SIGNATURE, MARK_SIZE);
    scanning.file = open_file(path, true, &scanning.size, diags);
    if (scanning.file < 0)
        return scanning.file;
    scanning.credit = MOST_READ * scanning.size;
    unsigned char *piece = malloc(PIECE + LOOK_AHEAD);
    int error = piece ? 0 : -CRAMFS_ERR_MEMORY;
    for (uint64_t begin = 0; !error && begin < scanning.size; begin += PIECE)
        error = scan_piece(&scanning, piece, begin);
    if (error == -CRAMFS_ERR_IO)
        fail_to_read(scanning.file, scanning.size, path, diags);
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    free(piece);
    close(scanning.file);
    return error;
}
