/* What the header of a zlib stream's first block shows, without inflating the stream. */
#ifndef CRAMFS_CODEC_STREAM_HEADER_H
#define CRAMFS_CODEC_STREAM_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether zlib certainly accepts a stream that libdeflate accepts. Kernels inflate with zlib, which
 * refuses some streams that libdeflate accepts: those whose header announces more symbols than the
 * format has, those with incomplete codes, and those that use reserved symbols of the fixed codes.
 * So libdeflate's result counts only for a stream that cannot have any of these; zlib decides about
 * every other stream.
 *
 * True for a zlib stream of one block that is stored, or has dynamic Huffman codes that are all
 * complete. From a page, compressors nearly always make such streams. Call this only for a stream
 * that libdeflate inflated without error: only the block's header is read here.
 */
bool stream_is_strict(const unsigned char *stream, size_t length);

/*
 * The first byte that the stream makes if it is sound; -1 when this is not known, and the stream
 * must be inflated. Takes a fraction of the time of inflating.
 */
int stream_first_byte(const unsigned char *stream, size_t length);

#endif
