/* Numbers in text without sign, blank or suffix: only digits. */
#ifndef CRAMFS_BASE_TEXT_NUMBER_H
#define CRAMFS_BASE_TEXT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads `length` digits of a base up to 16. False when `length` is 0, when a character is not a
 * digit, or when the value is over `most`.
 */
bool number_read(const char *text, size_t length, unsigned base, uint64_t most, uint64_t *number);

#endif
