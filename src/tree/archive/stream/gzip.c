/*
 * The stream of a gzip file. libarchive inflates such files, too, but compares neither the CRC nor
 * the length at the end of each member.
 */
#include <stdlib.h>

#include "cramfs/codec.h"
#include "tree/archive/stream/recognise.h"
#include "tree/archive/stream/stream.h"

struct gzip_stream {
    struct stream base;
    struct cramfs_gunzip *gunzip;
    bool inside; /* of a member */
};

/* Between members: whether another one follows. */
static bool begins_member(struct gzip_stream *gzip)
{
    const unsigned char *bytes;
    struct stream *below = gzip->base.below;
    size_t length = stream_look_ahead(below, below->position, GZIP_MAGIC_SIZE, &bytes);
    gzip->inside = is_gzip(bytes, length);
    return gzip->inside;
}

static int fail_gzip(const struct gzip_stream *gzip, const char *fault)
{
    return cramfs_fail(gzip->base.diags, CRAMFS_ERR_IO, gzip->base.path,
                       "cannot read the archive: gzip: %s", fault);
}

static int read_from_gzip(struct stream *stream, unsigned char *to, size_t capacity, size_t *got)
{
    struct gzip_stream *gzip = (struct gzip_stream *)stream;
    int error = 0;
    while (!error && !*got && (gzip->inside || begins_member(gzip))) {
        const unsigned char *bytes;
        size_t length;
        size_t used;
        bool ended;
        error = stream_next(stream->below, &bytes, &length);
        if (error)
            break;
        if (!length)
            return fail_gzip(gzip, "it is cut: it ends inside a stream");
        error = cramfs_gunzip(gzip->gunzip, bytes, length, to, capacity, &used, got, &ended);
        if (error)
            return fail_gzip(gzip, cramfs_gunzip_fault(gzip->gunzip));
        stream_take(stream->below, used);
        gzip->inside = !ended;
    }
    return error ? error : stream->below->error;
}

static void free_gzip(struct stream *stream)
{
    cramfs_gunzip_free(((struct gzip_stream *)stream)->gunzip);
}

static const struct stream_kind gzip_kind = {read_from_gzip, free_gzip};

int stream_open_gzip(struct stream *below, struct stream **stream)
{
    struct gzip_stream *gzip = calloc(1, sizeof(*gzip));
    if (!gzip)
        return cramfs_fail_memory(below->diags);
    int error = stream_init(&gzip->base, &gzip_kind, below, below->path, below->diags);
    gzip->gunzip = error ? NULL : cramfs_gunzip_create();
    if (!error && !gzip->gunzip)
        error = cramfs_fail_memory(below->diags);
    if (error)
        stream_free(&gzip->base);
    else
        *stream = &gzip->base;
    return error;
}
