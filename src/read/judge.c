#include "read/judge.h"

#include <string.h>
#include <sys/stat.h>

static bool is_dots(const struct cramfs_entry *entry)
{
    return (entry->name_bytes == 1 && entry->name[0] == '.') ||
           (entry->name_bytes == 2 && memcmp(entry->name, "..", 2) == 0);
}

bool judge_name_found(const struct cramfs_entry *entry)
{
    return entry->inode.name_length == ((entry->name_bytes + 3u) & ~3u);
}

bool judge_name(const struct cramfs_entry *entry, enum cramfs_rule rule)
{
    switch (rule) {
    case CRAMFS_RULE_NAME_EMPTY:
        return entry->name_bytes == 0;
    case CRAMFS_RULE_NAME_DOT:
        return is_dots(entry);
    case CRAMFS_RULE_NAME_SLASH:
        return memchr(entry->name, '/', entry->name_bytes);
    case CRAMFS_RULE_NAME_NUL:
        return memchr(entry->name, '\0', entry->name_bytes);
    case CRAMFS_RULE_NAME_PADDING:
        return entry->name_bytes && !judge_name_found(entry);
    default:
        return false;
    }
}

bool judge_name_sound(const struct cramfs_entry *entry)
{
    return !judge_name(entry, CRAMFS_RULE_NAME_EMPTY) && !judge_name(entry, CRAMFS_RULE_NAME_DOT) &&
           !judge_name(entry, CRAMFS_RULE_NAME_SLASH) && !judge_name(entry, CRAMFS_RULE_NAME_NUL);
}

static bool has_type(const struct cramfs_inode *inode)
{
    return S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode) ||
           S_ISCHR(inode->mode) || S_ISBLK(inode->mode) || S_ISFIFO(inode->mode) ||
           S_ISSOCK(inode->mode);
}

bool judge_inode(const struct cramfs_inode *inode, uint32_t page_size, enum cramfs_rule rule)
{
    bool nowhere = inode->size && !inode->offset;
    bool link = S_ISLNK(inode->mode);
    switch (rule) {
    case CRAMFS_RULE_TYPE:
        return !has_type(inode);
    case CRAMFS_RULE_DEVICE_NUMBER:
        return (S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) && inode->size > 0xffff;
    case CRAMFS_RULE_LINK_EMPTY:
        return link && !inode->size;
    case CRAMFS_RULE_LINK_LENGTH:
        return link && inode->size > page_size - 1;
    case CRAMFS_RULE_FILE_NOWHERE:
        return nowhere && (link || S_ISREG(inode->mode));
    case CRAMFS_RULE_DIRECTORY_NOWHERE:
        return nowhere && S_ISDIR(inode->mode);
    default:
        return false;
    }
}

enum cramfs_rule judge_inode_all(const struct cramfs_inode *inode, uint32_t page_size)
{
    static const enum cramfs_rule rules[] = {
        CRAMFS_RULE_TYPE,        CRAMFS_RULE_DEVICE_NUMBER, CRAMFS_RULE_LINK_EMPTY,
        CRAMFS_RULE_LINK_LENGTH, CRAMFS_RULE_FILE_NOWHERE,  CRAMFS_RULE_DIRECTORY_NOWHERE,
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (judge_inode(inode, page_size, rules[i]))
            return rules[i];
    }
    return CRAMFS_RULES_COUNT;
}

uint32_t judge_text_length(const unsigned char *bytes, uint32_t length)
{
    const unsigned char *end = length ? memchr(bytes, 0, length) : NULL;
    return end ? (uint32_t)(end - bytes) : length;
}
