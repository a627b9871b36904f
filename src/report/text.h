/*
 * How reports write the things that all of them show.
 */
#ifndef CRAMFS_REPORT_TEXT_H
#define CRAMFS_REPORT_TEXT_H

#include "cramfs/elf.h"
#include "cramfs/format.h"
#include "cramfs/survey.h"

#define TEXT_PATH_SIZE (2 * CRAMFS_PATH_SIZE)

/* An entry's path, escaped for one line. Returns `to`. */
const char *text_entry_path(const struct cramfs_survey *survey, uint32_t entry,
                            char to[TEXT_PATH_SIZE]);

/* "r-x" of CRAMFS_ELF_ flags. Returns `to`. */
const char *text_flags(uint32_t flags, char to[4]);

/* "little" or "big". */
const char *text_order(enum cramfs_order order);

#endif
