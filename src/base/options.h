/* Structs of options from callers that may be older than the library. */
#ifndef CRAMFS_BASE_OPTIONS_H
#define CRAMFS_BASE_OPTIONS_H

#include <stddef.h>
#include <string.h>

/*
 * Copies a caller's options to the library's own struct of `size` bytes. The caller's struct begins
 * with its size in bytes (0: all of it). Members that the caller does not know become 0; without
 * options (NULL) all members do.
 */
static inline void options_copy(void *to, size_t size, const void *options)
{
    size_t given;
    memset(to, 0, size);
    if (!options)
        return;
    memcpy(&given, options, sizeof(given));
    memcpy(to, options, given && given < size ? given : size);
}

#endif
