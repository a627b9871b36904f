/* Helpers for several formats: numbers, and padding zeroes at the end of a file. */
#ifndef CRAMFS_TREE_ARCHIVE_STREAM_FILE_END_H
#define CRAMFS_TREE_ARCHIVE_STREAM_FILE_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number of `count` bytes, the lowest byte first. */
uint64_t read_little(const unsigned char *bytes, size_t count);

/*
 * Finds the end of the last byte that is not zero between two offsets; `begin` when all are zeroes.
 * False with errno when the file cannot be read.
 */
bool find_last_byte(int file, uint64_t begin, uint64_t end, uint64_t *last);

#endif
