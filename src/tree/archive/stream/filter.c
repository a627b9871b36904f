/*
 * The stream of a file in any compression except gzip: libarchive's filters, with the format "raw",
 * which gives the decompressed bytes.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "tree/archive/stream/fault.h"
#include "tree/archive/stream/reader.h"
#include "tree/archive/stream/stream.h"

struct filter_stream {
    struct stream base;
    struct archive *archive;
    bool nothing; /* decompresses to no bytes */
    struct zstd_frames frames;
    const unsigned char *piece;
    size_t piece_length;
};

static int fail_filter(const struct filter_stream *filter)
{
    int below = filter->base.below->error;
    return below ? below : report_fault(filter->archive, filter->base.path, filter->base.diags);
}

/* The filters have read only their own bytes; the rest of the stream below is for others. */
static void end_filter(struct filter_stream *filter)
{
    la_int64_t taken = archive_filter_bytes(filter->archive, -1);
    stream_go(filter->base.below, filter->base.begins + (uint64_t)taken);
}

static int next_piece(struct filter_stream *filter)
{
    const void *bytes = NULL;
    la_int64_t offset;
    int status = ARCHIVE_EOF;
    if (!filter->nothing)
        status = archive_read_data_block(filter->archive, &bytes, &filter->piece_length, &offset);
    filter->piece = bytes;
    if (status == ARCHIVE_EOF) {
        end_filter(filter);
        filter->piece_length = 0;
        return 0;
    }
    return status == ARCHIVE_OK ? 0 : fail_filter(filter);
}

static int read_from_filter(struct stream *stream, unsigned char *to, size_t capacity, size_t *got)
{
    struct filter_stream *filter = (struct filter_stream *)stream;
    int error = filter->piece_length ? 0 : next_piece(filter);
    if (error)
        return error;
    *got = filter->piece_length < capacity ? filter->piece_length : capacity;
    if (!*got)
        return 0;
    memcpy(to, filter->piece, *got);
    filter->piece += *got;
    filter->piece_length -= *got;
    return 0;
}

static void free_filter(struct stream *stream)
{
    archive_read_free(((struct filter_stream *)stream)->archive);
}

static const struct stream_kind filter_kind = {read_from_filter, free_filter};

/* All filters of libarchive, except gzip. */
static void support_filters(struct archive *archive)
{
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_compress(archive);
    archive_read_support_filter_grzip(archive);
    archive_read_support_filter_lrzip(archive);
    archive_read_support_filter_lz4(archive);
    archive_read_support_filter_lzip(archive);
    archive_read_support_filter_lzma(archive);
    archive_read_support_filter_lzop(archive);
    archive_read_support_filter_rpm(archive);
    archive_read_support_filter_uu(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_zstd(archive);
}

static int open_filter(struct filter_stream *filter)
{
    struct archive_entry *entry;
    filter->archive = archive_read_new();
    if (!filter->archive)
        return cramfs_fail_memory(filter->base.diags);
    support_filters(filter->archive);
    archive_read_support_format_raw(filter->archive);
    archive_read_support_format_empty(filter->archive);
    filter->frames.stream = filter->base.below;
    int opened = is_zstd(filter->base.below) ? reader_open_zstd(filter->archive, &filter->frames)
                                             : reader_open(filter->archive, filter->base.below);
    if (opened != ARCHIVE_OK)
        return fail_filter(filter);
    int status = archive_read_next_header(filter->archive, &entry);
    filter->nothing = status == ARCHIVE_EOF;
    return status == ARCHIVE_OK || status == ARCHIVE_EOF ? 0 : fail_filter(filter);
}

int stream_open_filter(struct stream *below, struct stream **stream)
{
    struct filter_stream *filter = calloc(1, sizeof(*filter));
    if (!filter)
        return cramfs_fail_memory(below->diags);
    int error = stream_init(&filter->base, &filter_kind, below, below->path, below->diags);
    if (!error)
        error = open_filter(filter);
    bool none = !error && archive_filter_count(filter->archive) <= 1;
    if (none)
        stream_go(below, filter->base.begins);
    if (error || none)
        stream_free(&filter->base);
    *stream = error || none ? NULL : &filter->base;
    return error;
}
