/*
 * The rules for entries: which rules an entry breaks, so that a kernel does not find it or reads
 * something other than was meant. The checker reports these verdicts; the extractor and the
 * manifests act on them.
 */
#ifndef CRAMFS_READ_JUDGE_H
#define CRAMFS_READ_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "cramfs/finding.h"
#include "cramfs/walk.h"

/*
 * Whether the name of an entry breaks one of the rules NAME_EMPTY, NAME_DOT, NAME_SLASH, NAME_NUL,
 * NAME_PADDING.
 */
bool judge_name(const struct cramfs_entry *entry, enum cramfs_rule rule);

/*
 * Whether a file can have the name: it breaks none of these rules except NAME_PADDING. A name with
 * wrong padding is sound: readdir lists it, and only lookup fails to find it.
 */
bool judge_name_sound(const struct cramfs_entry *entry);

/*
 * Whether lookup finds a name of this length: it compares the entry's length with the next multiple
 * of 4.
 */
bool judge_name_found(const struct cramfs_entry *entry);

/*
 * Whether an inode breaks one of the rules TYPE, DEVICE_NUMBER, LINK_EMPTY, LINK_LENGTH,
 * FILE_NOWHERE, DIRECTORY_NOWHERE.
 */
bool judge_inode(const struct cramfs_inode *inode, uint32_t page_size, enum cramfs_rule rule);

/* The first of these rules that the inode breaks; CRAMFS_RULES_COUNT when it breaks none. */
enum cramfs_rule judge_inode_all(const struct cramfs_inode *inode, uint32_t page_size);

/*
 * Where a target that starts with these bytes ends for a kernel: before its first zero byte, or
 * after `length` bytes, since zeroes fill the rest of the page.
 */
uint32_t judge_text_length(const unsigned char *bytes, uint32_t length);

/*
 * Whether a kernel cuts a link's target of `file_bytes` bytes, in a block whose text ends after
 * `text` bytes.
 */
static inline bool judge_target_cut(uint32_t file_bytes, uint32_t text)
{
    return text < file_bytes;
}

#endif
