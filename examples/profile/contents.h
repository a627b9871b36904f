/*
 * What a file holds, as a number: so that mkcramfs-xip notices another version of it.
 */
#ifndef RESIDENT_PAGES_CONTENTS_H
#define RESIDENT_PAGES_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest file that a cramfs image can hold. */
#define MOST_CONTENTS ((1u << 24) - 1)

/*
 * The CRC-32, as gzip has it, of the whole open file. Reading it brings pages into RAM; those that
 * are not among `pages` (numbers, ascending), which were there before, are dropped again. Returns
 * false, with errno, when it cannot be read.
 */
bool contents_crc32(int file, const uint64_t *pages, size_t count, size_t page_size, uint32_t *crc);

#endif
