/*
 * The bytes of an image that is mostly equal to another open image. Pieces that are equal, at the
 * same offset, are in memory once: in the other image. When a caller asks for a range that has both
 * equal and different pieces, the equal ones are copied. Several threads can ask at once.
 */
#ifndef CRAMFS_READ_OPEN_SHARED_H
#define CRAMFS_READ_OPEN_SHARED_H

#include <stddef.h>
#include <stdint.h>

#include "cramfs/image.h"

/* The unit of sharing; the larger, the more bytes around a difference are in memory twice. */
enum { SHARED_PIECE = 1 << 16 };

struct shared_bytes;

/*
 * `length` bytes, those of `other` as far as it reaches, which must outlive them. NULL when memory
 * runs out, or `length` is 0.
 */
struct shared_bytes *shared_create(const struct cramfs_image *other, uint64_t length);
void shared_free(struct shared_bytes *shared);

/*
 * Sets the bytes from an offset on, which is a multiple of SHARED_PIECE, to the next one or end.
 * Only once for each offset.
 */
void shared_put(struct shared_bytes *shared, uint64_t offset, const void *bytes, size_t length);

/* The bytes [offset, offset + length), which must be within those that were put. */
const unsigned char *shared_at(struct shared_bytes *shared, uint64_t offset, uint64_t length);

#endif
