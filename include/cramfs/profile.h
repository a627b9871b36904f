/*
 * Profiles: the pages of files that a running system touched. They help to choose pages in place.
 *
 * A profile is CSV (RFC 4180). The first row may be a header, which names the columns; they may
 * then have any order. Without a header they are path, offset and count, as in AXFS, and optionally
 * contents.
 *
 *     path,offset,count,contents,processes
 *     /bin/busybox,0,12,,9
 *     "/lib/odd, name.so",4096,3,crc32:1a2b3c4d
 *     /usr/bin/tool,0x2000,1,build-id:5f0c2a9e,1
 *
 * Blank lines are ignored, and so are lines that begin with '#'. Lines end in LF or CR LF; a field
 * in quotes may hold commas and newlines, and two quotes in it mean one. A NUL byte in a row is an
 * error, and so is a CR that is neither in quotes nor before an LF. Numbers are decimal or, with
 * 0x, hexadecimal.
 *
 *   path       From the root of the image, with or without "/" or "./" before it.
 *   offset     In bytes. It means the page that contains it, so a profile serves any page size.
 *   count      How often the page was touched. Rows of one page add up.
 *   contents   May be missing or empty: which contents were profiled.
 *   processes  May be missing or empty: how many processes had the file mapped at once. The
 *              largest of several rows of a file counts; 0 counts as 1.
 *
 * A header that lacks one of the first three, or has a column that is none of these, is an error.
 *
 * A file has changed when an offset is after its end, or when the contents of a row are not those
 * of its bytes: "crc32:" and eight hexadecimal digits (the CRC-32 of gzip), or "build-id:" and the
 * digits of its GNU build id. A path that is not in the tree counts as changed, too.
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

/* The profile's data about one file; NULL when there are none. */
const struct cramfs_profile_file *cramfs_profile_find(const struct cramfs_profile *profile,
                                                      const char *path);

/* How often the bytes [offset, offset + length) were touched. */
uint64_t cramfs_profile_touches(const struct cramfs_profile_file *file, uint64_t offset,
                                uint64_t length);

/* In how many processes the file was mapped; 0 when the profile does not say. */
uint32_t cramfs_profile_processes(const struct cramfs_profile_file *file);

/*
 * Compares the bytes with what the profile says of them. Returns NULL when they agree; else a
 * phrase that names the difference, in `text` (128 bytes are enough).
 */
const char *cramfs_profile_difference(const struct cramfs_profile_file *file, const void *bytes,
                                      size_t size, char *text, size_t text_size);

CRAMFS_END_DECLARATIONS

#endif
