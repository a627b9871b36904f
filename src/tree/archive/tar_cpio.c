#include "tree/archive/tar_cpio.h"

#include <inttypes.h>

#include "tree/archive/allow.h"
#include "tree/archive/marks.h"
#include "tree/archive/stream/reader.h"
#include "tree/archive/take/entries.h"

struct framed {
    struct archive_reading *reading;
    enum content form;
    uint64_t begin;
    uint64_t at; /* where the next header must be */
    bool ended;
};

static int open_framed(const struct framed *framed)
{
    struct archive_reading *reading = framed->reading;
    reading->archive = archive_read_new();
    if (!reading->archive)
        return cramfs_fail_memory(reading->diags);
    if (framed->form == CONTENT_TAR)
        archive_read_support_format_tar(reading->archive);
    else
        archive_read_support_format_cpio(reading->archive);
    return reader_open(reading->archive, reading->stream) == ARCHIVE_OK ? 0 : fail_archive(reading);
}

/* Skips the entry's bytes and padding: then the position is where a header must be. */
static int finish_entry(struct framed *framed)
{
    struct archive *archive = framed->reading->archive;
    if (!framed->ended && archive_read_data_skip(archive) != ARCHIVE_OK)
        return fail_archive(framed->reading);
    framed->at = framed->begin + (uint64_t)archive_filter_bytes(archive, 0);
    return 0;
}

static int take_entry(struct framed *framed)
{
    struct archive_reading *reading = framed->reading;
    reading->has_sum = find_sum(reading->stream, framed->form, framed->at, &reading->sum);
    int result = take_next_entry(reading, &framed->ended);
    if (result && result != -CRAMFS_ERR_FORMAT)
        return result;
    int error = finish_entry(framed);
    return error ? error : result;
}

static int report_missing_end(const struct archive_reading *reading, enum content form)
{
    if (reading->stream->error)
        return reading->stream->error;
    return allow_or_fail(reading, CRAMFS_LOSS_UNENDED,
                         form == CONTENT_TAR ? "the block of zeroes that ends a tar is missing"
                                             : "the entry TRAILER!!! that ends a cpio is missing");
}

static int take_next(struct framed *framed)
{
    struct archive_reading *reading = framed->reading;
    switch (find_mark(reading->stream, framed->form, framed->at)) {
    case MARK_HEADER:
        return take_entry(framed);
    case MARK_END:
        framed->at += TAR_BLOCK;
        framed->ended = true;
        return 0;
    case MARK_MISSING:
        framed->ended = true;
        return report_missing_end(reading, framed->form);
    default:
        return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                           "cannot read the archive: the next header must begin at byte %" PRIu64
                           ", and does not; the archive is damaged",
                           framed->at);
    }
}

/* Takes all entries that can be taken, so that all errors are reported. */
int read_tar_or_cpio(struct archive_reading *reading, enum content form)
{
    uint64_t begin = reading->stream->position;
    struct framed framed = {.reading = reading, .form = form, .begin = begin, .at = begin};
    int result = open_framed(&framed);
    while (!framed.ended && (!result || result == -CRAMFS_ERR_FORMAT))
        result = worse_error(result, take_next(&framed));
    stream_go(reading->stream, framed.at);
    archive_read_free(reading->archive);
    reading->archive = NULL;
    return result;
}
