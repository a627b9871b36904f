#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "read/check/check.h"
#include "read/names.h"
#include "read/report_finding.h"

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
    if (name_is_dots(entry))
        tell(checking->listener, CRAMFS_RULE_NAME_DOT, place, "the name is \"%.*s\"", (int)length,
             name);
    if (memchr(name, '/', length))
        tell(checking->listener, CRAMFS_RULE_NAME_SLASH, place, "the name holds a '/'");
    if (memchr(name, '\0', length))
        tell(checking->listener, CRAMFS_RULE_NAME_NUL, place, "the name holds a NUL");
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)name[i];
        if ((byte && byte < ' ') || byte == 0x7f) {
            tell(checking->listener, CRAMFS_RULE_NAME_CONTROL, place,
                 "byte %zu of the name is 0x%02x", i, byte);
            break;
        }
    }
}

static void check_near_end(const struct checking *checking, uint32_t number)
{
    uint64_t offset = entry_at(checking, number)->offset;
    uint64_t size = checking->image->reader.size;
    if (size - offset < CRAMFS_ENTRY_WINDOW)
        tell(checking->listener, CRAMFS_RULE_ENTRY_NEAR_END, in_entry(number, offset),
             "the image ends %" PRIu64 " bytes after the entry begins", size - offset);
}

static int check_duplicate(const struct checking *checking, struct names *names, uint32_t number)
{
    uint32_t twin;
    int error = names_add(names, &checking->survey->entries, number, &twin);
    if (!error && twin != CRAMFS_NO_ENTRY)
        tell(checking->listener, CRAMFS_RULE_NAME_DUPLICATE,
             in_entry(number, entry_at(checking, number)->offset),
             "the directory has another entry of this name, at %" PRIu32,
             entry_at(checking, twin)->offset);
    return error;
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
        if (inode->size)
            tell(checking->listener, CRAMFS_RULE_SPECIAL_SIZE, place, "its size is %" PRIu32,
                 inode->size);
        break;
    default:
        tell(checking->listener, CRAMFS_RULE_TYPE, place, "the mode is 0%06o", inode->mode);
        return;
    }
    if (inode->offset)
        tell(checking->listener, CRAMFS_RULE_SPECIAL_OFFSET, place, "its offset is %" PRIu32,
             inode->offset);
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
        if (inode->size == 0)
            tell(checking->listener, CRAMFS_RULE_LINK_EMPTY, place, "the target has no bytes");
        if (inode->size > checking->image->page_size - 1)
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

/*
 * What stands in front of a name in its directory and stops cramfs_lookup() there: the greatest
 * first byte, and of each length the name that memcmp puts last.
 */
struct stops {
    uint32_t directory; /* that they are of */
    unsigned char first_byte;
    uint32_t by_length[CRAMFS_MAX_NAME + 1]; /* entries; valid when they have the directory */
};

static bool lookup_stops(const struct checking *checking, struct stops *stops, uint32_t number)
{
    const struct cramfs_entry *entry = entry_at(checking, number);
    unsigned char first_byte = (unsigned char)entry->name[0];
    if (stops->directory != entry->parent) {
        stops->directory = entry->parent;
        stops->first_byte = 0;
    }
    uint32_t *greatest = &stops->by_length[entry->name_bytes];
    const struct cramfs_entry *rival = entry_at(checking, *greatest);
    bool has_rival = *greatest && rival->parent == entry->parent;
    bool stopped = first_byte < stops->first_byte || (has_rival && name_compare(rival, entry) > 0);
    if (first_byte > stops->first_byte)
        stops->first_byte = first_byte;
    if (!has_rival || name_compare(rival, entry) < 0)
        *greatest = number;
    return stopped;
}

/* The entries of each directory as a list: in the survey, what they name lies between them. */
struct siblings {
    uint32_t *first; /* by directory */
    uint32_t *next;  /* by entry */
};

static int list_siblings(const struct cramfs_entries *entries, struct siblings *siblings)
{
    siblings->first = malloc(entries->list_count * sizeof(*siblings->first));
    siblings->next = malloc(entries->list_count * sizeof(*siblings->next));
    if (!siblings->first || !siblings->next)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < entries->list_count; i++)
        siblings->first[i] = CRAMFS_NO_ENTRY;
    for (uint32_t i = entries->list_count; i-- > 1;) { /* backwards: each goes in front */
        uint32_t parent = entries->list[i].parent;
        siblings->next[i] = siblings->first[parent];
        siblings->first[parent] = i;
    }
    return 0;
}

static int check_orders(const struct checking *checking)
{
    const struct cramfs_entries *entries = &checking->survey->entries;
    struct stops stops = {.directory = CRAMFS_NO_ENTRY};
    struct siblings siblings = {0};
    int error = list_siblings(entries, &siblings);
    for (uint32_t directory = 0; !error && directory < entries->list_count; directory++) {
        for (uint32_t i = siblings.first[directory]; i != CRAMFS_NO_ENTRY; i = siblings.next[i]) {
            if (entry_at(checking, i)->name_bytes && lookup_stops(checking, &stops, i))
                tell(checking->listener, CRAMFS_RULE_NAME_ORDER,
                     in_entry(i, entry_at(checking, i)->offset),
                     "lookup stops at a greater name in front of it");
        }
    }
    free(siblings.first);
    free(siblings.next);
    return error;
}

int check_entries(const struct checking *checking)
{
    struct names names = {0};
    int error = 0;
    if (S_ISDIR(checking->image->super.root.mode)) /* else that has been told */
        check_inode(checking, 0);
    for (uint32_t i = 1; !error && i < checking->survey->entries.list_count; i++) {
        check_name(checking, i);
        check_near_end(checking, i);
        check_inode(checking, i);
        error = check_duplicate(checking, &names, i);
    }
    hash_index_free(&names.index);
    if (!error && checking->image->super.flags & CRAMFS_FLAG_SORTED_DIRS)
        error = check_orders(checking);
    return error;
}
