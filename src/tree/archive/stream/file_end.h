/*
 * What several formats ask of a file: numbers, and zeroes at its end, which are padding.
 */
#ifndef CRAMFS_TREE_ARCHIVE_STREAM_FILE_END_H
#define CRAMFS_TREE_ARCHIVE_STREAM_FILE_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number of `count` bytes, the lowest first. */
uint64_t read_little(const unsigned char *bytes, size_t count);

/*
 * Finds where, between two offsets, only zeroes follow: `begin` when there are only zeroes. False
 * with errno when the file cannot be read.
 */
bool find_last_byte(int file, uint64_t begin, uint64_t end, uint64_t *last);

#endif
