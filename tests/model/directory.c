#include "kernel.h"

#include <string.h>

enum { TYPE = 0170000 };

uint32_t inode_number(const struct entry *entry, uint32_t offset)
{
    uint32_t type = entry->mode & TYPE;
    bool has_data = type == 0100000 || type == 0040000 || type == 0120000;
    return has_data && entry->offset && entry->size ? entry->offset : offset + 1;
}

enum failure make_inode(const struct entry *entry, uint32_t offset, struct inode *inode)
{
    memset(inode, 0, sizeof(*inode));
    switch (entry->mode & TYPE) {
    case 0100000:
    case 0040000:
    case 0120000:
    case 0010000:
    case 0140000:
        break;
    case 0020000:
    case 0060000:
        inode->device_number = entry->size & 0xffff;
        break;
    default:
        return IO_ERROR;
    }
    inode->number = inode_number(entry, offset);
    inode->mode = entry->mode;
    inode->uid = entry->uid;
    inode->gid = entry->gid;
    if (inode->number % 4 == 0)
        inode->size = entry->size;
    return WORKS;
}

/* Without the zeroes at its end. */
static uint32_t bare_length(const struct entry *entry)
{
    uint32_t length = entry->name_length;
    while (length && !entry->name[length - 1])
        length--;
    return length;
}

int list_next(struct mount *mount, const struct inode *directory, uint32_t *position,
              struct entry *entry, uint32_t *name_length)
{
    if (*position >= directory->size)
        return 0;
    entry_at(mount, directory->number + *position, entry);
    *name_length = bare_length(entry);
    if (!*name_length || memchr(entry->name, '/', *name_length))
        return -IO_ERROR;
    *position += 12 + entry->name_length;
    return 1;
}

enum failure look_up(struct mount *mount, const struct inode *directory, const unsigned char *name,
                     uint32_t name_length, uint32_t *offset, struct entry *entry)
{
    bool sorted = mount->flags & SORTED;
    for (uint32_t position = 0; position < directory->size; position += 12 + entry->name_length) {
        *offset = directory->number + position;
        entry_at(mount, *offset, entry);
        if (sorted && name[0] < entry->name[0])
            return NO_ENTRY; /* even when the entry has no name, and this is the next one's */
        if (entry->name_length != (name_length + 3) / 4 * 4)
            continue;
        uint32_t bare = bare_length(entry);
        if (!bare)
            return IO_ERROR;
        if (bare != name_length)
            continue;
        int order = memcmp(name, entry->name, bare);
        if (!order)
            return WORKS;
        if (order < 0 && sorted)
            return NO_ENTRY;
    }
    return NO_ENTRY;
}
