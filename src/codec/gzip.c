/*
 * Makes a gzip file from a zlib stream: both have the same raw deflate between header and trailer.
 */
#include <string.h>

#include "cramfs/codec.h"

enum { ZLIB_HEADER = 2, ZLIB_TRAILER = 4, GZIP_HEADER = 10, GZIP_TRAILER = 8 };

size_t cramfs_gzip_bound(size_t length)
{
    return cramfs_deflate_bound(length) + GZIP_HEADER + GZIP_TRAILER;
}

static void store32_little(unsigned char *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

size_t cramfs_gzip(struct cramfs_deflater *deflater, const void *from, size_t length, void *to,
                   size_t capacity)
{
    /* Deflate, no flags (so no name), no time, slowest compression (XFL 2), unknown system. */
    static const unsigned char header[GZIP_HEADER] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff};
    enum { SHIFT = GZIP_HEADER - ZLIB_HEADER, MORE = GZIP_TRAILER - ZLIB_TRAILER };
    /*
     * The gzip header ends where the zlib header ends, and so overwrites it. The gzip trailer
     * begins where the zlib trailer began. So the deflate data stays where the deflater wrote it.
     */
    unsigned char *bytes = to;
    if (capacity < SHIFT + MORE)
        return 0;
    size_t made = cramfs_deflate(deflater, from, length, bytes + SHIFT, capacity - SHIFT - MORE);
    if (!made)
        return 0;
    memcpy(bytes, header, sizeof(header));
    unsigned char *trailer = bytes + SHIFT + made - ZLIB_TRAILER;
    store32_little(trailer, cramfs_crc32(0, from, length));
    store32_little(trailer + 4, (uint32_t)length);
    return SHIFT + made + MORE;
}
