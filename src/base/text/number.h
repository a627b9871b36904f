/*
 * Numbers in text that has no sign, blank or suffix: digits alone.
 */
#ifndef CRAMFS_BASE_TEXT_NUMBER_H
#define CRAMFS_BASE_TEXT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads `length` digits of a base up to 16. False when there is none, when anything else is among
 * them, or when the value is over `most`.
 */
bool number_read(const char *text, size_t length, unsigned base, uint64_t most, uint64_t *number);

#endif
