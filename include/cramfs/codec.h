/*
 * The codec: zlib streams (RFC 1950: header and Adler-32, not raw deflate), as the kernel inflates
 * them; the CRC-32 of the superblock; and the gzip files that archives come in.
 *
 * There are three compressors: libdeflate (the default; whole-buffer, and fast on blocks of a
 * page), zlib, and zopfli, which is slow and makes the smallest streams. Their output for the same
 * bytes differs, and may differ between versions; that of zopfli, which computes with floating
 * point, also between processors. Rely only on what the compressed bytes inflate to, never on the
 * compressed bytes themselves.
 *
 * A deflater or inflater serves one thread at a time.
 */
#ifndef CRAMFS_CODEC_H
#define CRAMFS_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

enum cramfs_compressor {
    CRAMFS_COMPRESSOR_DEFAULT, /* libdeflate where the build has it, else zlib */
    CRAMFS_COMPRESSOR_LIBDEFLATE,
    CRAMFS_COMPRESSOR_ZLIB,
    CRAMFS_COMPRESSOR_ZOPFLI, /* about 1000 times slower than libdeflate */
};

#define CRAMFS_DEFAULT_LEVEL 6

struct cramfs_deflater;
struct cramfs_inflater;

/* The compressor that DEFAULT means in this build; others are returned as they are. */
enum cramfs_compressor cramfs_compressor_resolve(enum cramfs_compressor compressor);

/* "libdeflate", "zlib" or "zopfli"; NULL when this build does not have it. */
const char *cramfs_compressor_name(enum cramfs_compressor compressor);

/*
 * The version, as the library in use reports it; "" for zopfli, which reports none; NULL when this
 * build does not have it.
 */
const char *cramfs_compressor_version(enum cramfs_compressor compressor);

/*
 * The highest level (the lowest is 1): 12, 9 or 15; 0 when this build does not have the compressor.
 * Levels 1 to 9 are the library's own. libdeflate's levels from 10 on search for the smallest
 * stream; for blocks of up to 2 KiB they use the stream of level 6 where that is smaller. 12 is the
 * same as 11. A level of zopfli is the most deflate blocks in a stream; where the highest level of
 * the default compressor makes a smaller stream, that is used.
 */
int cramfs_compressor_max_level(enum cramfs_compressor compressor);

/* NULL when memory runs out, or when the compressor or the level does not exist. */
struct cramfs_deflater *cramfs_deflater_create(enum cramfs_compressor compressor, int level);
void cramfs_deflater_free(struct cramfs_deflater *deflater);

/* The most that cramfs_deflate() can make of `length` bytes, for each compressor. */
size_t cramfs_deflate_bound(size_t length);

/*
 * Returns the length of the stream, or 0 when it does not fit into `capacity`. A compressor may
 * need some bytes more than the stream takes; cramfs_deflate_bound() is always enough. 0 also when
 * memory runs out, which can happen only with zopfli.
 *
 * libzopfli itself ends the program, by exit() or a signal, when memory runs out. This function
 * makes sure before that enough is there: for each deflater 3 MiB for pages of 4 KiB, 18 MiB for
 * pages of 64 KiB. Only other threads of the program that allocate in the meantime can take it.
 */
size_t cramfs_deflate(struct cramfs_deflater *deflater, const void *from, size_t length, void *to,
                      size_t capacity);

/* NULL when memory runs out. */
struct cramfs_inflater *cramfs_inflater_create(void);
void cramfs_inflater_free(struct cramfs_inflater *inflater);

/*
 * Inflates one zlib stream. `*used` is how many bytes of input the stream took: the kernel ignores
 * what follows it in a block. `*written` is how many bytes it made. Returns 0, -CRAMFS_ERR_FORMAT
 * when the stream is not sound, or -CRAMFS_ERR_LIMIT when it makes more than `capacity`.
 */
int cramfs_inflate(struct cramfs_inflater *inflater, const void *from, size_t length, void *to,
                   size_t capacity, size_t *used, size_t *written);

/* The most that cramfs_gzip() can make of `length` bytes. */
size_t cramfs_gzip_bound(size_t length);

/*
 * Makes a gzip file (RFC 1952) of one member, without name and time. Returns its length, or 0 when
 * it does not fit into `capacity`; cramfs_gzip_bound() is always enough.
 */
size_t cramfs_gzip(struct cramfs_deflater *deflater, const void *from, size_t length, void *to,
                   size_t capacity);

/* Adler-32, which ends a zlib stream, of some bytes. */
uint32_t cramfs_adler32(const void *bytes, size_t length);

/* CRC-32 (that of zlib and Ethernet), continued over more bytes; start with 0. */
uint32_t cramfs_crc32(uint32_t crc, const void *bytes, size_t length);

/* The CRC-32 of some bytes and then `length` others, from the CRC-32 of each. */
uint32_t cramfs_crc32_combine(uint32_t first, uint32_t second, uint64_t length);

/*
 * gzip files (RFC 1952), inflated a piece at a time. A member is a header, a raw deflate stream,
 * and a trailer with the CRC-32 and the length of the inflated bytes; all three are checked. A file
 * is one or more members, one after the other.
 */
struct cramfs_gunzip;

/* NULL when memory runs out. */
struct cramfs_gunzip *cramfs_gunzip_create(void);
void cramfs_gunzip_free(struct cramfs_gunzip *gunzip);

/*
 * Reads up to `length` bytes of a member and makes up to `capacity`; `*used` and `*written` are how
 * many. Input is left over when the output is full, or when the member ends. At its end `*ended` is
 * true, CRC and length are right, and the next call begins another member. Returns 0, or
 * -CRAMFS_ERR_FORMAT; cramfs_gunzip_fault() then says what is wrong, in a few words.
 */
int cramfs_gunzip(struct cramfs_gunzip *gunzip, const void *from, size_t length, void *to,
                  size_t capacity, size_t *used, size_t *written, bool *ended);
const char *cramfs_gunzip_fault(const struct cramfs_gunzip *gunzip);

CRAMFS_END_DECLARATIONS

#endif
