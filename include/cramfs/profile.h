/*
 * Profiles: which pages of which files were really touched, for choosing what goes in place.
 *
 * A profile is CSV (RFC 4180) with the columns that AXFS used: path, byte offset, count; and
 * perhaps a fourth that tells which contents were profiled.
 *
 *     path,offset,count
 *     /bin/busybox,0,12
 *     "/lib/odd, name.so",4096,3,crc32:1a2b3c4d
 *     /usr/bin/tool,0x2000,1,build-id:5f0c2a9e
 *
 * The first line may be a header like the one above. Blank lines, and those that begin with '#', do
 * not count. Lines end in LF or CR LF; a field in quotes may hold commas and newlines, and two
 * quotes for one. PATH is from the root of the image, with or without "/" or "./" in front. OFFSET
 * and COUNT are decimal or, with 0x, hexadecimal; an offset stands for the page that it is in, so a
 * profile serves any page size. Rows of one page add up.
 *
 * A file has changed when an offset lies behind its end, or when the fourth column of a row is not
 * what its bytes give: "crc32:" and eight hexadecimal digits (the CRC-32 of gzip), or "build-id:"
 * and those of its GNU build id. A path that is not in the tree counts as changed, too.
 */
#ifndef CRAMFS_PROFILE_H
#define CRAMFS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/declarations.h"
#include "cramfs/diag.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_profile;
struct cramfs_profile_file;

/*
 * Reads the profile in file `path`. Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT (each row that
 * cannot be read adds an error with FILE:LINE) or -CRAMFS_ERR_MEMORY; *profile is NULL after a
 * failure.
 */
int cramfs_profile_read(const char *path, struct cramfs_profile **profile,
                        struct cramfs_diags *diags);
void cramfs_profile_free(struct cramfs_profile *profile);

/* The files of the profile, in the order of their paths ("bin/busybox"). */
size_t cramfs_profile_count(const struct cramfs_profile *profile);
const char *cramfs_profile_path(const struct cramfs_profile *profile, size_t index);

/* What the profile has of one file; NULL when it has nothing. */
const struct cramfs_profile_file *cramfs_profile_find(const struct cramfs_profile *profile,
                                                      const char *path);

/* The touches of the bytes [offset, offset + length). */
uint64_t cramfs_profile_touches(const struct cramfs_profile_file *file, uint64_t offset,
                                uint64_t length);

/*
 * Whether these are the bytes that were profiled, as far as the profile tells. Returns NULL, or in
 * what they differ: a phrase, in `text` (128 bytes are enough).
 */
const char *cramfs_profile_difference(const struct cramfs_profile_file *file, const void *bytes,
                                      size_t size, char *text, size_t text_size);

CRAMFS_END_DECLARATIONS

#endif
