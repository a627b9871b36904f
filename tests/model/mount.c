#include "kernel.h"

#include <string.h>

enum { SUPER_BYTES = 76, OLD_SIZE = 1 << 28, ERASED = 0xff };

/* The bytes of the device, from the file or from what follows it. */
static void copy_device(struct mount *mount, uint64_t offset, uint32_t length, unsigned char *to)
{
    uint32_t there = 0;
    if (offset < mount->length)
        there = mount->length - offset < length ? (uint32_t)(mount->length - offset) : length;
    memcpy(to, mount->bytes + (there ? offset : 0), there);
    memset(to + there, ERASED, length - there);
}

/* MTD: all bytes or none. What is not wholly below the size comes from a page of zeroes. */
static const unsigned char *look_in_place(struct mount *mount, uint32_t offset, uint32_t length)
{
    if (length > mount->size || offset > mount->size - length)
        return memset(mount->buffer, 0, length);
    if (offset <= mount->length && length <= mount->length - offset)
        return mount->bytes + offset;
    copy_device(mount, offset, length, mount->buffer);
    return mount->buffer;
}

/* A block device: whole pages of it are read, the others are zero. The size does not matter. */
static const unsigned char *look_through_pages(struct mount *mount, uint32_t offset,
                                               uint32_t length)
{
    uint64_t end = mount->extent / mount->page * mount->page;
    if (offset <= end && length <= end - offset)
        return mount->bytes + offset;
    uint32_t there = offset < end ? (uint32_t)(end - offset) : 0;
    if (there)
        memcpy(mount->buffer, mount->bytes + offset, there);
    memset(mount->buffer + there, 0, length - there);
    return mount->buffer;
}

const unsigned char *look(struct mount *mount, uint32_t offset, uint32_t length)
{
    if (mount->device == ON_MTD)
        return look_in_place(mount, offset, length);
    return look_through_pages(mount, offset, length);
}

const unsigned char *device_page(struct mount *mount, uint32_t address)
{
    copy_device(mount, address, mount->page, mount->buffer);
    return mount->buffer;
}

static uint32_t decode_word(const struct mount *mount, const unsigned char *at)
{
    if (mount->big)
        return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

uint32_t word_at(struct mount *mount, uint32_t offset)
{
    return decode_word(mount, look(mount, offset, 4));
}

/* Bit fields are packed from the low end of a word by one kind of kernel, from the high end by the
 * other. */
static void decode_entry(const struct mount *mount, const unsigned char *at, struct entry *entry)
{
    uint32_t first = decode_word(mount, at);
    uint32_t second = decode_word(mount, at + 4);
    uint32_t third = decode_word(mount, at + 8);
    entry->mode = mount->big ? first >> 16 : first & 0xffff;
    entry->uid = mount->big ? first & 0xffff : first >> 16;
    entry->size = mount->big ? second >> 8 : second & 0xffffff;
    entry->gid = mount->big ? second & 0xff : second >> 24;
    entry->name_length = (mount->big ? third >> 26 : third & 0x3f) * 4;
    entry->offset = (mount->big ? third & 0x3ffffff : third >> 6) * 4;
}

void entry_at(struct mount *mount, uint32_t offset, struct entry *entry)
{
    const unsigned char *at = look(mount, offset, 12 + MAX_NAME);
    decode_entry(mount, at, entry);
    memcpy(entry->name, at + 12, MAX_NAME);
}

static enum failure read_super(struct mount *mount)
{
    unsigned char super[SUPER_BYTES];
    memcpy(super, look(mount, 0, SUPER_BYTES), SUPER_BYTES);
    uint32_t magic = decode_word(mount, super);
    if (magic == __builtin_bswap32(MAGIC))
        return REFUSED;
    if (magic != MAGIC) {
        mount->super = 512;
        memcpy(super, look(mount, 512, SUPER_BYTES), SUPER_BYTES);
        if (decode_word(mount, super) != MAGIC)
            return REFUSED;
    }
    mount->flags = decode_word(mount, super + 8);
    decode_entry(mount, super + 64, &mount->root);
    if (mount->flags & ~(uint32_t)SUPPORTED || (mount->root.mode & 0170000) != 0040000)
        return REFUSED;
    uint32_t at = mount->root.offset;
    if (at && !(mount->flags & SHIFTED_ROOT) && at != SUPER_BYTES && at != 512 + SUPER_BYTES)
        return REFUSED;
    mount->root.mode |= 0555;
    mount->size = mount->flags & FSID_2 ? decode_word(mount, super + 4) : OLD_SIZE;
    return WORKS;
}

enum failure mount_image(struct mount *mount, const unsigned char *bytes, size_t length,
                         enum device device, bool big, uint32_t page)
{
    memset(mount, 0, offsetof(struct mount, buffer));
    mount->inflates = false;
    mount->bytes = bytes;
    mount->length = length;
    mount->extent = length;
    mount->device = device;
    mount->big = big;
    mount->page = page;
    mount->size = page; /* until the superblock says how much it is */
    if (device == ON_MTD && length < page)
        return REFUSED;
    enum failure failure = read_super(mount);
    if (failure || device == ON_BLOCK)
        return failure;
    /* An image without a size is taken for the only partition that it can be mounted from. */
    if (!(mount->flags & FSID_2) && mount->extent < OLD_SIZE)
        mount->extent = OLD_SIZE;
    if (!mount->size)
        return OOPS; /* nothing is pointed at, and then there is no block device either */
    return mount->size > mount->extent ? REFUSED : WORKS;
}

void unmount(struct mount *mount)
{
    if (mount->inflates)
        inflateEnd(&mount->stream);
    mount->inflates = false;
}
