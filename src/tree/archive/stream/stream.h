/*
 * The bytes of an archive in their order: of a file, or of what decompresses another stream.
 *
 * libarchive does not report what it passed over, or what is left when it stops. So it reads
 * through a stream, which shows any bytes near the place where it is, and goes back to where it
 * stopped.
 *
 * Streams are put on each other: a file, what decompresses it, perhaps what decompresses that.
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
     * Makes up to `capacity` bytes; `*got` says how many, 0 at the end. Returns 0 or an error,
     * which it has reported.
     */
    int (*read)(struct stream *stream, unsigned char *to, size_t capacity, size_t *got);
    void (*free)(struct stream *stream); /* all but `struct stream` itself */
};

struct stream {
    const struct stream_kind *kind;
    struct stream *below; /* that it reads from; NULL of a file */
    uint64_t begins;      /* where in that one */
    const char *path;     /* of the archive, for diagnostics */
    struct cramfs_diags *diags;
    unsigned char *bytes; /* the window */
    size_t count;
    uint64_t start;    /* of the window */
    uint64_t position; /* of the next byte to hand out; inside the window, or at its end */
    bool ended;        /* nothing comes after the window */
    int error;         /* sticky: it has been reported */
};

/* How far after the position stream_look_ahead() can look. */
enum { STREAM_LOOK_AHEAD = 40 << 10 };

/* A file; "-" is standard input. Returns 0, or -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY, reported. */
int stream_open_file(const char *path, struct cramfs_diags *diags, struct stream **stream);

/*
 * The file of such a stream, and where in it the stream begins; -1 of one that only goes on, as a
 * pipe does.
 */
int stream_file(const struct stream *stream, int64_t *origin);

/* What a gzip file at the position of `below` makes, all of its members. */
int stream_open_gzip(struct stream *below, struct stream **stream);

/*
 * The same with any other compression that libarchive knows. `*stream` is NULL when the bytes are
 * in none of them.
 */
int stream_open_filter(struct stream *below, struct stream **stream);

/* Frees it, and not what is below it; NULL is fine. */
void stream_free(struct stream *stream);

/* For kinds of streams: gets the window. Returns 0 or -CRAMFS_ERR_MEMORY, reported. */
int stream_init(struct stream *stream, const struct stream_kind *kind, struct stream *below,
                const char *path, struct cramfs_diags *diags);

/* Bytes from the position on, which stays; `*length` is 0 at the end. Returns 0 or an error. */
int stream_next(struct stream *stream, const unsigned char **bytes, size_t *length);
void stream_take(struct stream *stream, size_t length);

/*
 * Up to `wanted` bytes from `offset` on, which is near the position, or STREAM_LOOK_AHEAD after it
 * at most. Returns how many there are: fewer at the end or after an error.
 */
size_t stream_look_ahead(struct stream *stream, uint64_t offset, size_t wanted,
                         const unsigned char **bytes);

/* Back (or on) to an offset that is in the window: what libarchive fetched and did not use. */
void stream_go(struct stream *stream, uint64_t offset);

/* Passes over zeroes. Returns 0 or an error. */
int stream_skip_zeroes(struct stream *stream);

/* Ends it: what is left has been read in another way. */
void stream_end(struct stream *stream);

#endif
