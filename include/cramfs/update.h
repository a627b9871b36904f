/*
 * Updates: what a device needs to turn the old image in its flash into the new one.
 *
 * An update is a tar: `manifest`, `apply.sh`, and `blocks/N.gz` for each erase block that differs,
 * in the order in which they are written. The manifest is text, a line each:
 *
 *     cramfs-xip-update 1
 *     erase-block BYTES
 *     old BYTES SHA-256
 *     new BYTES SHA-256
 *     keep OFFSET LENGTH SHA-256
 *     write OFFSET OLD-LENGTH OLD-SHA-256 NEW-LENGTH NEW-SHA-256
 *     end
 *
 * There are as many lines `keep` and `write` as needed: together they cover each byte of the new
 * image once. They are in the order of offsets, except that the block with the superblock is
 * written last. The new bytes of line N with `write` are in blocks/N.gz. For a block that the old
 * image does not reach, the old length is 0 and the old digest is `-`. cramfs-dump(1) documents it.
 */
#ifndef CRAMFS_UPDATE_H
#define CRAMFS_UPDATE_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/diag.h"
#include "cramfs/view.h"

CRAMFS_BEGIN_DECLARATIONS

/*
 * Writes the update from the old image to the new one. Both begin at the beginning of an erase
 * block of `erase_block` bytes (not 0); bytes of their files after the file system do not belong to
 * the update. The same images give the same bytes, with one compressor. Returns 0,
 * -CRAMFS_ERR_MEMORY, -CRAMFS_ERR_IO, or with a diagnostic -CRAMFS_ERR_USAGE for images whose bytes
 * are swapped in different ways, or -CRAMFS_ERR_FORMAT when the new image is damaged.
 */
int cramfs_write_update(FILE *out, const struct cramfs_view *old_view,
                        const struct cramfs_view *new_view, uint64_t erase_block,
                        struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
