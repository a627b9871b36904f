/*
 * Texts that several reports write.
 */
#ifndef CRAMFS_REPORT_TEXT_H
#define CRAMFS_REPORT_TEXT_H

#include <stdio.h>

#include "cramfs/elf.h"
#include "cramfs/format.h"
#include "cramfs/survey.h"
#include "report/block_reader.h"

#define TEXT_PATH_SIZE (2 * CRAMFS_PATH_SIZE)

/* An entry's path, escaped for one line. Returns `to`. */
const char *text_entry_path(const struct cramfs_survey *survey, uint32_t entry,
                            char to[TEXT_PATH_SIZE]);

/* "r-x" of CRAMFS_ELF_ flags. Returns `to`. */
const char *text_flags(uint32_t flags, char to[4]);

/* "little" or "big". */
const char *text_order(enum cramfs_order order);

/* "-rwxr-xr-x", as ls prints it; '?' for an unknown type. Returns `to`. */
const char *text_mode(uint16_t mode, char to[11]);

/* "file", "directory", "link", "character-device", ...; "none" for an unknown type. */
const char *text_type(uint16_t mode);

/* Whether a size is two numbers. */
bool text_is_device(uint16_t mode);

/* The size, or a device's "major, minor". Returns `to`. */
enum { TEXT_SIZE_SIZE = 32 };
const char *text_size(const struct cramfs_inode *inode, char to[TEXT_SIZE_SIZE]);

/*
 * " -> target" of a link, or " -> (unreadable)". Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int text_put_target(FILE *out, const struct cramfs_view *view, uint32_t entry,
                    struct block_reader *reader);

/* " block 3" or " blocks 3-7": the blocks of its owner that an extent is; "" if it has none. */
void text_put_blocks(FILE *out, const struct cramfs_extent *extent);

#endif
