/* The kind of a stream's bytes, by their beginning. */
#ifndef CRAMFS_TREE_ARCHIVE_STREAM_RECOGNISE_H
#define CRAMFS_TREE_ARCHIVE_STREAM_RECOGNISE_H

#include "tree/archive/stream/stream.h"

enum content {
    CONTENT_NOTHING, /* the end, or an error */
    CONTENT_ZEROES,
    CONTENT_GZIP,
    CONTENT_TAR,
    CONTENT_NEWC, /* cpio, with numbers in hexadecimal */
    CONTENT_ODC,  /* cpio, in octal */
    CONTENT_AFIO, /* cpio, as afio writes it for large files */
    CONTENT_BINARY_CPIO,
    CONTENT_ZIP,
    CONTENT_SEVEN_ZIP,
    CONTENT_ISO,
    CONTENT_XAR,
    CONTENT_AR,
    CONTENT_RAR5,
    CONTENT_OTHER_ARCHIVE, /* libarchive must read it by itself */
    CONTENT_CRAMFS,
    CONTENT_REFUSED,
    CONTENT_UNKNOWN,
};

struct recognised {
    enum content content;
    const char *what;    /* with CONTENT_REFUSED: the kind of file */
    const char *command; /* and a command that writes its files as an archive; %s is its path */
};

enum { GZIP_MAGIC_SIZE = 3, TAR_BLOCK = 512 };

bool is_gzip(const unsigned char *bytes, size_t length);
bool is_zero(const unsigned char *bytes, size_t length);

/* Looks at the bytes at the stream's position, which does not change. */
struct recognised recognise(struct stream *stream);

#endif
