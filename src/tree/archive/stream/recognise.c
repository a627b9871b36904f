#include "tree/archive/stream/recognise.h"

#include <string.h>
#include <sys/stat.h>

#include "cramfs/format.h"
#include "cramfs/swap.h"

struct magic {
    enum content content;
    unsigned offset;
    unsigned length;
    const char *bytes;
    const char *what;
    const char *command;
};

#define MOUNT "mount -o ro,loop %s /mnt && tar -C /mnt -c ."

/* File systems come first: some begin with zeroes, or with boot code. */
static const struct magic magics[] = {
    {CONTENT_REFUSED, 0, 4, "hsqs", "a squashfs image", "sqfs2tar %s"},
    {CONTENT_REFUSED, 0, 4, "sqsh", "a squashfs image", "sqfs2tar %s"},
    {CONTENT_REFUSED, 1024, 4, "\xe2\xe1\xf5\xe0", "an EROFS image", MOUNT},
    {CONTENT_REFUSED, 1024, 4, "\x10\x20\xf5\xf2", "an F2FS image", MOUNT},
    {CONTENT_REFUSED, 0, 4, "XFSB", "an XFS image", MOUNT},
    {CONTENT_REFUSED, 0, 8, "-rom1fs-", "a romfs image", MOUNT},
    {CONTENT_REFUSED, 8, 13, "debian-binary", "a Debian package", "dpkg-deb --fsys-tarfile %s"},
    {CONTENT_ISO, 32769, 5, "CD001", NULL, NULL},
    {CONTENT_GZIP, 0, GZIP_MAGIC_SIZE, "\x1f\x8b\x08", NULL, NULL},
    {CONTENT_NEWC, 0, 6, "070701", NULL, NULL},
    {CONTENT_NEWC, 0, 6, "070702", NULL, NULL},
    {CONTENT_ODC, 0, 6, "070707", NULL, NULL},
    {CONTENT_AFIO, 0, 6, "070727", NULL, NULL},
    {CONTENT_ZIP, 0, 4, "PK\003\004", NULL, NULL},
    {CONTENT_ZIP, 0, 4, "PK\005\006", NULL, NULL},
    {CONTENT_ZIP, 0, 8, "PK00PK\003\004", NULL, NULL},
    {CONTENT_SEVEN_ZIP, 0, 6, "7z\xbc\xaf\x27\x1c", NULL, NULL},
    {CONTENT_AR, 0, 8, "!<arch>\n", NULL, NULL},
    {CONTENT_OTHER_ARCHIVE, 0, 4, "MSCF", NULL, NULL},
    {CONTENT_RAR5, 0, 7, "Rar!\032\007\001", NULL, NULL},
    {CONTENT_OTHER_ARCHIVE, 0, 6, "Rar!\032\007", NULL, NULL},
    {CONTENT_XAR, 0, 4, "xar!", NULL, NULL},
    {CONTENT_OTHER_ARCHIVE, 2, 3, "-lh", NULL, NULL},
    {CONTENT_OTHER_ARCHIVE, 2, 3, "-lz", NULL, NULL},
    /* Last: a magic of two bytes may be any other data. */
    {CONTENT_BINARY_CPIO, 0, 2, "\xc7\x71", NULL, NULL},
    {CONTENT_BINARY_CPIO, 0, 2, "\x71\xc7", NULL, NULL},
};

bool is_zero(const unsigned char *bytes, size_t length)
{
    return !length || (!bytes[0] && memcmp(bytes, bytes + 1, length - 1) == 0);
}

bool is_gzip(const unsigned char *bytes, size_t length)
{
    return length >= GZIP_MAGIC_SIZE && memcmp(bytes, "\x1f\x8b\x08", GZIP_MAGIC_SIZE) == 0;
}

static bool matches(const struct magic *magic, const unsigned char *bytes, size_t length)
{
    return length >= magic->offset + magic->length &&
           memcmp(bytes + magic->offset, magic->bytes, magic->length) == 0;
}

/*
 * A magic of two bytes may be any other data, so the fields after it (state, behaviour at errors)
 * are checked, too.
 */
static bool is_ext(const unsigned char *bytes, size_t length)
{
    const unsigned char *magic = bytes + 1080;
    return length >= 1086 && magic[0] == 0x53 && magic[1] == 0xef && magic[2] < 8 && !magic[3] &&
           magic[4] >= 1 && magic[4] <= 3 && !magic[5];
}

/*
 * The sum counts its own 8 bytes as blanks, so no sum is less. Other data with one octal digit
 * there by chance are not a header.
 */
enum { CHECKSUM_AT = 148, CHECKSUM_SIZE = 8, LEAST_CHECKSUM = CHECKSUM_SIZE * ' ' };

/* A number of a tar header: octal, with blanks before it and a blank or NUL after it; -1 if not. */
static int64_t read_octal(const unsigned char *text, size_t size)
{
    size_t at = 0;
    int64_t number = 0;
    while (at < size && text[at] == ' ')
        at++;
    if (at == size || text[at] < '0' || text[at] > '7')
        return -1;
    while (at < size && text[at] >= '0' && text[at] <= '7')
        number = number * 8 + (text[at++] - '0');
    return number;
}

/* Tars have no common magic. Their headers have a sum of bytes, which are signed in old ones. */
static bool is_tar(const unsigned char *bytes, size_t length)
{
    int64_t sum = 0;
    int64_t signed_sum = 0;
    if (length < TAR_BLOCK)
        return false;
    for (unsigned i = 0; i < TAR_BLOCK; i++) {
        bool own = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_SIZE;
        unsigned char byte = own ? ' ' : bytes[i];
        sum += byte;
        signed_sum += (signed char)byte;
    }
    int64_t written = read_octal(bytes + CHECKSUM_AT, CHECKSUM_SIZE);
    return written >= LEAST_CHECKSUM && (written == sum || written == signed_sum);
}

/* Finds a superblock in any byte order or swap; the oldest images have no signature. */
static bool is_super(const unsigned char *from, bool needs_signature)
{
    for (int swap = CRAMFS_SWAP_NONE; swap < CRAMFS_SWAPS_COUNT; swap++) {
        unsigned char bytes[CRAMFS_SUPER_SIZE];
        enum cramfs_order order;
        struct cramfs_super super;
        cramfs_swap_copy((enum cramfs_swap)swap, bytes, from, sizeof(bytes));
        if (!cramfs_super_decode(bytes, &order, &super))
            continue;
        if (memcmp(super.signature, CRAMFS_SIGNATURE, sizeof(super.signature)) == 0 ||
            (!needs_signature && S_ISDIR(super.root.mode)))
            return true;
    }
    return false;
}

/*
 * A magic may be 32 KiB after the beginning of a stream, but is not so far away after an archive.
 */
static size_t first_bytes(struct stream *stream, const unsigned char **bytes)
{
    size_t wanted = stream->position == 0 ? 32769 + 5 : 2 * TAR_BLOCK;
    return stream_look_ahead(stream, stream->position, wanted, bytes);
}

static const struct magic *find_magic(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        if (matches(&magics[i], bytes, length))
            return &magics[i];
    }
    return NULL;
}

struct recognised recognise(struct stream *stream)
{
    const unsigned char *bytes;
    size_t length = first_bytes(stream, &bytes);
    bool first = stream->position == 0; /* an image must be alone in its file */
    if (!length)
        return (struct recognised){.content = CONTENT_NOTHING};
    if (first && length >= CRAMFS_SUPER_SIZE && is_super(bytes, false))
        return (struct recognised){.content = CONTENT_CRAMFS};
    if (is_tar(bytes, length))
        return (struct recognised){.content = CONTENT_TAR};
    if (is_ext(bytes, length))
        return (struct recognised){CONTENT_REFUSED, "an ext2, ext3 or ext4 image", MOUNT};
    const struct magic *magic = find_magic(bytes, length);
    /* The first file of a tar may be there; and the magic of that cpio is only two bytes. */
    if (first && length >= CRAMFS_BOOT_SIZE + CRAMFS_SUPER_SIZE &&
        (!magic || magic->content == CONTENT_BINARY_CPIO) &&
        is_super(bytes + CRAMFS_BOOT_SIZE, magic != NULL))
        return (struct recognised){.content = CONTENT_CRAMFS};
    if (magic)
        return (struct recognised){magic->content, magic->what, magic->command};
    return (struct recognised){.content = bytes[0] ? CONTENT_UNKNOWN : CONTENT_ZEROES};
}
