/*
 * Small archives of each format and filter, made by libarchive and by hand.
 */
#ifndef DAMAGE_H
#define DAMAGE_H

#include <stdbool.h>
#include <stddef.h>

/* The parts of an archive that its checks cover: a flipped bit there is always found. */
enum covered {
    COVERED_NOTHING,
    COVERED_ALL,
    COVERED_HEADERS, /* of a tar: blocks that are not of the files' bytes */
    COVERED_BYTES,   /* of files, stored as they are */
};

struct form {
    const char *name;
    const char *format; /* of libarchive; "crc" and "zstd" are not made by it */
    const char *filter; /* of libarchive, or NULL */
    const char *options;
    enum covered covered;
    size_t step;         /* of cuts and flips: 1, or more where an archive is long */
    unsigned boundaries; /* where a cut is a shorter archive: ar has no mark of its end */
};

extern const struct form forms[];
extern const size_t forms_count;

struct bytes {
    unsigned char *bytes;
    size_t length;
};

/* The caller frees the bytes; they are NULL where this libarchive cannot make that form. */
struct bytes make_archive(const struct form *form);

/* The bytes of the files in it are found by this pattern, and are stored once in what is not
 * compressed.
 */
extern const char payload[];
extern const size_t payload_length;

#endif
