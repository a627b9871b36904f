/*
 * Whether libdeflate and zlib must agree on a stream.
 *
 * Kernels inflate with zlib, which refuses streams that libdeflate takes: more symbols than the
 * format has, codes that are not complete, reserved symbols. So what libdeflate makes of a stream
 * counts only when the stream has nothing of the kind; zlib decides on all others.
 */
#ifndef CRAMFS_CODEC_STRICT_H
#define CRAMFS_CODEC_STRICT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True for a zlib stream of one block that is stored, or has codes of its own, all complete. That
 * is what compressors make of a page, nearly always; it is seen from the block's header, without
 * inflating. The stream must be one that libdeflate inflated.
 */
bool stream_is_strict(const unsigned char *stream, size_t length);

#endif
