/*
 * The bytes of an archive in order: from a file, or decompressed from another stream.
 *
 * libarchive does not report which bytes it skipped, or which are left when it stops. So it reads
 * through a stream, which shows any bytes near its position, and can go back to where libarchive
 * stopped.
 *
 * Streams are stacked: a file, a stream that decompresses it, perhaps another one that decompresses
 * that.
 */
#ifndef CRAMFS_TREE_ARCHIVE_STREAM_STREAM_H
#define CRAMFS_TREE_ARCHIVE_STREAM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/diag.h"

struct stream;

struct stream_kind {
    /*
     * Makes up to `capacity` bytes; `*got` is how many, 0 at the end. Returns 0 or an error that it
     * has reported.
     */
    int (*read)(struct stream *stream, unsigned char *to, size_t capacity, size_t *got);
    void (*free)(struct stream *stream); /* all but `struct stream` itself */
};

struct stream {
    const struct stream_kind *kind;
    struct stream *below; /* the stream that it reads from; NULL for a file */
    uint64_t begins;      /* where in that stream */
    const char *path;     /* of the archive, for diagnostics */
    struct cramfs_diags *diags;
    unsigned char *bytes; /* the window */
    size_t count;
    uint64_t start;    /* of the window */
    uint64_t position; /* of the next byte to give out; inside the window, or at its end */
    bool ended;        /* nothing follows the window */
    int error;         /* stays once set; has been reported */
};

/* How far after the position stream_look_ahead() can look. */
enum { STREAM_LOOK_AHEAD = 40 << 10 };

/*
 * Opens a file; "-" is standard input. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY, reported.
 */
int stream_open_file(const char *path, struct cramfs_diags *diags, struct stream **stream);

/*
 * The file of such a stream, and where in it the stream begins; -1 when it cannot seek, as in a
 * pipe.
 */
int stream_file(const struct stream *stream, int64_t *origin);

/* Inflates a gzip file at the position of `below`, all its members. */
int stream_open_gzip(struct stream *below, struct stream **stream);

/*
 * The same for any other compression that libarchive knows. `*stream` is NULL when the bytes are
 * not compressed.
 */
int stream_open_filter(struct stream *below, struct stream **stream);

/* Frees it, but not the stream below it; accepts NULL. */
void stream_free(struct stream *stream);

/* For kinds of streams: allocates the window. Returns 0 or -CRAMFS_ERR_MEMORY, reported. */
int stream_init(struct stream *stream, const struct stream_kind *kind, struct stream *below,
                const char *path, struct cramfs_diags *diags);

/*
 * Bytes from the position on, which does not change; `*length` is 0 at the end. Returns 0 or an
 * error.
 */
int stream_next(struct stream *stream, const unsigned char **bytes, size_t *length);
void stream_take(struct stream *stream, size_t length);

/*
 * Up to `wanted` bytes from `offset` on, which is in the window or at most STREAM_LOOK_AHEAD after
 * the position. Returns how many there are: fewer at the end or after an error.
 */
size_t stream_look_ahead(struct stream *stream, uint64_t offset, size_t wanted,
                         const unsigned char **bytes);

/* Moves the position to an offset in the window: to bytes that libarchive read and did not use. */
void stream_go(struct stream *stream, uint64_t offset);

/* Skips zeroes. Returns 0 or an error. */
int stream_skip_zeroes(struct stream *stream);

/* Ends it: the rest has been read in another way. */
void stream_end(struct stream *stream);

#endif
