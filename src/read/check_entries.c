#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "read/check.h"
#include "read/tell.h"

static const struct cramfs_entry *entry_at(const struct checking *checking, uint32_t number)
{
    return &checking->survey->entries.list[number];
}

static void check_name(const struct checking *checking, uint32_t number)
{
    const struct cramfs_entry *entry = entry_at(checking, number);
    struct place place = in_entry(number, entry->offset);
    const char *name = entry->name;
    size_t length = entry->name_bytes;
    if (length == 0)
        tell(checking->listener, CRAMFS_RULE_NAME_EMPTY, place, "the name is empty");
    if ((length == 1 && name[0] == '.') || (length == 2 && name[0] == '.' && name[1] == '.'))
        tell(checking->listener, CRAMFS_RULE_NAME_DOT, place, "the name is \"%.*s\"", (int)length,
             name);
    if (memchr(name, '/', length))
        tell(checking->listener, CRAMFS_RULE_NAME_SLASH, place, "the name holds a '/'");
    if (memchr(name, '\0', length))
        tell(checking->listener, CRAMFS_RULE_NAME_NUL, place, "the name holds a NUL");
}

static void check_near_end(const struct checking *checking, uint32_t number)
{
    uint64_t offset = entry_at(checking, number)->offset;
    uint64_t size = checking->image->reader.size;
    if (size - offset < CRAMFS_ENTRY_WINDOW)
        tell(checking->listener, CRAMFS_RULE_ENTRY_NEAR_END, in_entry(number, offset),
             "the image ends %" PRIu64 " bytes after the entry begins", size - offset);
}

static int compare_names(const struct cramfs_entry *a, const struct cramfs_entry *b)
{
    size_t shorter = a->name_bytes < b->name_bytes ? a->name_bytes : b->name_bytes;
    int order = memcmp(a->name, b->name, shorter);
    return order ? order : (int)a->name_bytes - (int)b->name_bytes;
}

/*
 * cramfs_lookup() stops at a name whose first byte is greater, and among names of one length at one
 * that memcmp puts later. Other disorder does no harm today, but is not what the flag promises.
 */
static bool out_of_order(const struct cramfs_entry *first, const struct cramfs_entry *second)
{
    return first->name_bytes && second->name_bytes && compare_names(first, second) > 0;
}

static int check_duplicate(const struct checking *checking, struct hash_index *index,
                           uint32_t number)
{
    const struct cramfs_entry *entry = entry_at(checking, number);
    uint64_t hash = hash_bytes(entry->name, entry->name_bytes, entry->parent);
    uint32_t other;
    size_t cursor = 0;
    while (hash_index_next(index, hash, &cursor, &other)) {
        const struct cramfs_entry *twin = entry_at(checking, other);
        if (twin->parent == entry->parent && compare_names(twin, entry) == 0) {
            tell(checking->listener, CRAMFS_RULE_NAME_DUPLICATE, in_entry(number, entry->offset),
                 "the directory has another entry of this name, at %" PRIu32, twin->offset);
            return 0; /* not listed: each of a thousand of one name is compared with the first only
                       */
        }
    }
    return hash_index_add(index, hash, number);
}

static void check_special(const struct checking *checking, uint32_t number)
{
    const struct cramfs_inode *inode = &entry_at(checking, number)->inode;
    struct place place = in_entry(number, entry_at(checking, number)->offset);
    switch (inode->mode & S_IFMT) {
    case S_IFCHR:
    case S_IFBLK:
        if (inode->size > 0xffff)
            tell(checking->listener, CRAMFS_RULE_DEVICE_NUMBER, place,
                 "the device number is 0x%" PRIx32, inode->size);
        break;
    case S_IFIFO:
    case S_IFSOCK:
        break;
    default:
        tell(checking->listener, CRAMFS_RULE_TYPE, place, "the mode is 0%06o", inode->mode);
    }
}

static void check_inode(const struct checking *checking, uint32_t number)
{
    const struct cramfs_inode *inode = &entry_at(checking, number)->inode;
    struct place place = in_entry(number, entry_at(checking, number)->offset);
    bool nowhere = inode->size && !inode->offset;
    switch (inode->mode & S_IFMT) {
    case S_IFDIR:
        if (nowhere)
            tell(checking->listener, CRAMFS_RULE_DIRECTORY_NOWHERE, place,
                 "the directory has %" PRIu32 " bytes of entries and no offset", inode->size);
        break;
    case S_IFLNK:
        if (inode->size == 0 || inode->size > checking->image->page_size - 1)
            tell(checking->listener, CRAMFS_RULE_LINK_LENGTH, place,
                 "the target has %" PRIu32 " bytes", inode->size);
        /* fall through */
    case S_IFREG:
        if (nowhere)
            tell(checking->listener, CRAMFS_RULE_FILE_NOWHERE, place,
                 "it has %" PRIu32 " bytes and no offset", inode->size);
        break;
    default:
        check_special(checking, number);
    }
}

/* Neighbours in one directory need not be neighbours in the list: what they name lies between. */
static int check_orders(const struct checking *checking)
{
    const struct cramfs_entries *entries = &checking->survey->entries;
    uint32_t *last = malloc(entries->list_count * sizeof(*last));
    if (!last)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < entries->list_count; i++)
        last[i] = CRAMFS_NO_ENTRY;
    for (uint32_t i = 1; i < entries->list_count; i++) {
        const struct cramfs_entry *entry = entry_at(checking, i);
        uint32_t before = last[entry->parent];
        last[entry->parent] = i;
        if (before != CRAMFS_NO_ENTRY && out_of_order(entry_at(checking, before), entry))
            tell(checking->listener, CRAMFS_RULE_NAME_ORDER, in_entry(i, entry->offset),
                 "the name stands behind a greater one");
    }
    free(last);
    return 0;
}

int check_entries(const struct checking *checking)
{
    struct hash_index names = {0};
    int error = 0;
    for (uint32_t i = 1; !error && i < checking->survey->entries.list_count; i++) {
        check_name(checking, i);
        check_near_end(checking, i);
        check_inode(checking, i);
        error = check_duplicate(checking, &names, i);
    }
    hash_index_free(&names);
    if (!error && checking->image->super.flags & CRAMFS_FLAG_SORTED_DIRS)
        error = check_orders(checking);
    return error;
}
