#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text/glyph.h"
#include "base/text/utf8.h"
#include "read/check/check.h"
#include "read/judge.h"
#include "read/names.h"
#include "read/report_finding.h"

static const struct cramfs_entry *entry_at(const struct checking *checking, uint32_t number)
{
    return &checking->survey->entries.list[number];
}

/* Characters that a terminal would not show as they are; a NUL has a rule of its own. */
static void check_glyphs(const struct checking *checking, const struct cramfs_entry *entry,
                         struct finding_place place)
{
    size_t length;
    for (size_t i = 0; i < entry->name_bytes; i += length) {
        const char *at = entry->name + i;
        enum glyph glyph = glyph_at(at, entry->name_bytes - i, &length);
        if (!*at || glyph == GLYPH_SHOWN)
            continue;
        if (length == 1)
            report_finding(checking->listener, CRAMFS_RULE_NAME_CONTROL, place,
                           "byte %zu of the name is 0x%02x", i, (unsigned char)*at);
        else
            report_finding(checking->listener, CRAMFS_RULE_NAME_CONTROL, place,
                           "byte %zu of the name begins the character U+%04" PRIX32, i,
                           utf8_code(at, length));
        break;
    }
}

static void check_name(const struct checking *checking, uint32_t number)
{
    static const struct {
        enum cramfs_rule rule;
        const char *text;
    } findings[] = {
        {CRAMFS_RULE_NAME_EMPTY, "the name is empty"},
        {CRAMFS_RULE_NAME_DOT, "the name is \".\" or \"..\""},
        {CRAMFS_RULE_NAME_SLASH, "the name contains a '/'"},
        {CRAMFS_RULE_NAME_NUL, "the name contains a NUL byte"},
        {CRAMFS_RULE_NAME_PADDING, "more than 3 zeroes follow the name"},
    };
    const struct cramfs_entry *entry = entry_at(checking, number);
    struct finding_place place = in_entry(number, entry->offset);
    for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++) {
        if (judge_name(entry, findings[i].rule))
            report_finding(checking->listener, findings[i].rule, place, "%s", findings[i].text);
    }
    check_glyphs(checking, entry, place);
}

static void check_near_end(const struct checking *checking, uint32_t number)
{
    uint64_t offset = entry_at(checking, number)->offset;
    uint64_t size = checking->image->reader.size;
    if (size - offset < CRAMFS_ENTRY_WINDOW)
        report_finding(checking->listener, CRAMFS_RULE_ENTRY_NEAR_END, in_entry(number, offset),
                       "the entry begins %" PRIu64 " bytes before the end of the image",
                       size - offset);
}

static int check_duplicate(const struct checking *checking, struct entry_names *names,
                           uint32_t number)
{
    uint32_t twin;
    int error = names_add(names, &checking->survey->entries, number, &twin);
    if (!error && twin != CRAMFS_NO_ENTRY)
        report_finding(checking->listener, CRAMFS_RULE_NAME_DUPLICATE,
                       in_entry(number, entry_at(checking, number)->offset),
                       "the directory has another entry with this name, at offset %" PRIu32,
                       entry_at(checking, twin)->offset);
    return error;
}

/* Fields that no kernel of today reads in a device, fifo or socket. */
static void check_special(const struct checking *checking, uint32_t number)
{
    const struct cramfs_inode *inode = &entry_at(checking, number)->inode;
    struct finding_place place = in_entry(number, entry_at(checking, number)->offset);
    if ((S_ISFIFO(inode->mode) || S_ISSOCK(inode->mode)) && inode->size)
        report_finding(checking->listener, CRAMFS_RULE_SPECIAL_SIZE, place,
                       "its size is %" PRIu32 " bytes", inode->size);
    if (inode->offset)
        report_finding(checking->listener, CRAMFS_RULE_SPECIAL_OFFSET, place,
                       "its data offset is %" PRIu32, inode->offset);
}

static void report_inode(const struct checking *checking, uint32_t number, enum cramfs_rule rule)
{
    const struct cramfs_inode *inode = &entry_at(checking, number)->inode;
    struct finding_place place = in_entry(number, entry_at(checking, number)->offset);
    switch (rule) {
    case CRAMFS_RULE_TYPE:
        report_finding(checking->listener, rule, place, "the mode is 0%06o", inode->mode);
        break;
    case CRAMFS_RULE_DEVICE_NUMBER:
        report_finding(checking->listener, rule, place, "the device number is 0x%" PRIx32,
                       inode->size);
        break;
    case CRAMFS_RULE_DIRECTORY_NOWHERE:
    case CRAMFS_RULE_FILE_NOWHERE:
        report_finding(checking->listener, rule, place,
                       "it has %" PRIu32 " bytes and no data offset", inode->size);
        break;
    default:
        report_finding(checking->listener, rule, place, "the target has %" PRIu32 " bytes",
                       inode->size);
    }
}

static void check_inode(const struct checking *checking, uint32_t number)
{
    static const enum cramfs_rule rules[] = {
        CRAMFS_RULE_TYPE,       CRAMFS_RULE_DEVICE_NUMBER, CRAMFS_RULE_DIRECTORY_NOWHERE,
        CRAMFS_RULE_LINK_EMPTY, CRAMFS_RULE_LINK_LENGTH,   CRAMFS_RULE_FILE_NOWHERE,
    };
    const struct cramfs_inode *inode = &entry_at(checking, number)->inode;
    bool typed = true;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (!judge_inode(inode, checking->image->page_size, rules[i]))
            continue;
        report_inode(checking, number, rules[i]);
        typed = typed && rules[i] != CRAMFS_RULE_TYPE;
    }
    if (typed && !S_ISREG(inode->mode) && !S_ISLNK(inode->mode) && !S_ISDIR(inode->mode))
        check_special(checking, number);
}

/*
 * The earlier names of a directory at which cramfs_lookup() may stop before it reaches a later
 * name: those with the greatest first byte, and for each length the name that memcmp puts last.
 */
struct stops {
    uint32_t directory; /* whose names these are */
    unsigned char first_byte;
    uint32_t by_length[CRAMFS_MAX_NAME + 1]; /* entries; valid when they are in this directory */
};

static bool lookup_stops(const struct checking *checking, struct stops *stops, uint32_t number)
{
    const struct cramfs_entry *entry = entry_at(checking, number);
    unsigned char first_byte = (unsigned char)entry->name[0];
    if (stops->directory != entry->parent) {
        stops->directory = entry->parent;
        stops->first_byte = 0;
    }
    if (!judge_name_found(entry)) { /* only the first byte of this name can stop a lookup */
        if (first_byte > stops->first_byte)
            stops->first_byte = first_byte;
        return false;
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

/*
 * The entries of each directory as a list. In the survey, entries of subdirectories come between
 * the entries of a directory.
 */
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
    for (uint32_t i = entries->list_count; i-- > 1;) { /* backwards: each is added at the head */
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
                report_finding(checking->listener, CRAMFS_RULE_NAME_ORDER,
                               in_entry(i, entry_at(checking, i)->offset),
                               "a greater name comes before it, and lookup stops there");
        }
    }
    free(siblings.first);
    free(siblings.next);
    return error;
}

int check_entries(const struct checking *checking)
{
    struct entry_names names = {0};
    int error = 0;
    if (S_ISDIR(checking->image->super.root.mode)) /* otherwise that is reported already */
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
