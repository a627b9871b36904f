/* How zlib's inflaters are started. */
#ifndef CRAMFS_CODEC_ZLIB_WINDOW_H
#define CRAMFS_CODEC_ZLIB_WINDOW_H

#include <stdbool.h>
#include <zlib.h>

/*
 * inflateInit2() that allocates everything. zlib itself allocates the window of 32 KiB only when a
 * stream needs it; without memory, inflate() would then fail on a sound stream. zlib has one call
 * that only allocates the window: a dictionary for a raw stream. A reset forgets the dictionary and
 * keeps the window.
 */
static inline bool start_inflating(z_stream *stream, int window_bits)
{
    static const Bytef dictionary[1];
    if (inflateInit2(stream, -MAX_WBITS) != Z_OK)
        return false;
    if (inflateSetDictionary(stream, dictionary, sizeof(dictionary)) == Z_OK &&
        inflateReset2(stream, window_bits) == Z_OK)
        return true;
    inflateEnd(stream);
    return false;
}

#endif
