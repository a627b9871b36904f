/*
 * Structs of options that may be older than the library.
 */
#ifndef CRAMFS_BASE_OPTIONS_H
#define CRAMFS_BASE_OPTIONS_H

#include <stddef.h>
#include <string.h>

/*
 * Copies a caller's options, which begin with their size in bytes (0: all of it), to the library's
 * own struct of `size` bytes. Members that the caller does not know become 0.
 */
static inline void options_copy(void *to, size_t size, const void *options)
{
    size_t given;
    memcpy(&given, options, sizeof(given));
    memset(to, 0, size);
    memcpy(to, options, given && given < size ? given : size);
}

#endif
