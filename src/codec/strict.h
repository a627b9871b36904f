/*
 * Finds streams that zlib certainly accepts when libdeflate does.
 *
 * Kernels inflate with zlib, which refuses some streams that libdeflate accepts: those whose header
 * announces more symbols than the format has, those with incomplete codes, and those that use
 * reserved symbols of the fixed codes. So libdeflate's result counts only for a stream that cannot
 * have any of these; zlib decides about every other stream.
 */
#ifndef CRAMFS_CODEC_STRICT_H
#define CRAMFS_CODEC_STRICT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True for a zlib stream of one block that is stored, or has dynamic Huffman codes that are all
 * complete. From a page, compressors nearly always make such streams. Call this only for a stream
 * that libdeflate inflated without error: only the block's header is read here.
 */
bool stream_is_strict(const unsigned char *stream, size_t length);

#endif
