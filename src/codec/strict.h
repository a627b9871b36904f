/*
 * Whether libdeflate and zlib must agree on a stream.
 *
 * Kernels inflate with zlib, which refuses some streams that libdeflate accepts: those with more
 * symbols than the format has, with incomplete codes, or with reserved symbols. So libdeflate's
 * result counts only for a stream without any of these; zlib decides about all others.
 */
#ifndef CRAMFS_CODEC_STRICT_H
#define CRAMFS_CODEC_STRICT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True for a zlib stream of one block that is stored, or has codes of its own, all complete.
 * Compressors nearly always make such streams from a page. Only the block's header is read, nothing
 * is inflated. libdeflate must have inflated the stream.
 */
bool stream_is_strict(const unsigned char *stream, size_t length);

#endif
