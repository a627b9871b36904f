/*
 * The functions that a compression library must provide, as a table. Only the files of this folder
 * include zlib.h, libdeflate.h or zopfli.h. zopfli only compresses: it has no inflater and no CRC.
 */
#ifndef CRAMFS_CODEC_BACKEND_H
#define CRAMFS_CODEC_BACKEND_H

#include <stddef.h>
#include <stdint.h>

struct backend {
    const char *name;
    int max_level;
    const char *(*version)(void); /* "" where the library does not report it */
    void *(*deflater_create)(int level);
    void (*deflater_free)(void *deflater);
    size_t (*deflate)(void *deflater, const void *from, size_t length, void *to, size_t capacity);
    void *(*inflater_create)(void);
    void (*inflater_free)(void *inflater);
    int (*inflate)(void *inflater, const void *from, size_t length, void *to, size_t capacity,
                   size_t *used, size_t *written);
    uint32_t (*crc32)(uint32_t crc, const void *bytes, size_t length);
    uint32_t (*adler32)(const void *bytes, size_t length);
};

extern const struct backend backend_zlib;
#ifdef CRAMFS_WITH_LIBDEFLATE
extern const struct backend backend_libdeflate;
#endif
#ifdef CRAMFS_WITH_ZOPFLI
extern const struct backend backend_zopfli;
#endif

#endif
