/*
 * Writing an image to a file, piece by piece, on several threads.
 *
 * A worker makes the bytes of a piece, and their CRC, and writes them to a regular file or block
 * device. To other files, the first thread writes the pieces in order.
 */
#ifndef CRAMFS_PACK_WRITE_WRITE_FILE_H
#define CRAMFS_PACK_WRITE_WRITE_FILE_H

#include "pack/write/write.h"

/*
 * Writes the image at the file's current position, and moves the position to its end. The CRC in
 * parts->super is not used. Returns 0, -CRAMFS_ERR_IO with errno in *system_error,
 * -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_INTERNAL. Of several errors it is that of the first piece.
 */
int write_image_file(const struct image_parts *parts, int file, int *system_error);

#endif
