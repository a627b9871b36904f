/*
 * Reads and writes that continue until all bytes are done: system calls may do less than they are
 * asked for, and signals interrupt them.
 */
#ifndef CRAMFS_BASE_IO_H
#define CRAMFS_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All return false with errno when not all bytes were done; a file that ends too soon gives EIO. */
bool io_write(int file, const void *bytes, size_t length);
bool io_write_at(int file, const void *bytes, size_t length, uint64_t offset);
bool io_read_at(int file, void *to, size_t length, uint64_t offset);

#endif
