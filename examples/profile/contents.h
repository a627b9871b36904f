/*
 * The contents of a file as a number, by which mkcramfs-xip notices another version of the file.
 */
#ifndef RESIDENT_PAGES_CONTENTS_H
#define RESIDENT_PAGES_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest file that a cramfs image can hold. */
#define MOST_CONTENTS ((1u << 24) - 1)

/*
 * The CRC-32, as in gzip, of the whole open file. Reading the file brings pages into RAM. Pages
 * that were there before are in `pages` (numbers, ascending); all others are dropped again. Returns
 * false, with errno, if the file cannot be read.
 */
bool contents_crc32(int file, const uint64_t *pages, size_t count, size_t page_size, uint32_t *crc);

#endif
