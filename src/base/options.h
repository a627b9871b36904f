/*
 * Structs of options that may be older than the library.
 */
#ifndef CRAMFS_BASE_OPTIONS_H
#define CRAMFS_BASE_OPTIONS_H

#include <stddef.h>
#include <string.h>

/*
 * Copies a caller's options, which begin with their size in bytes (0: all of it), to the library's
 * own struct of `size` bytes. Members that the caller does not know become 0, and all of them when
 * there are no options (NULL).
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
