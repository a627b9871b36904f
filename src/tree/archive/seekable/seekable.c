#include "tree/archive/seekable/seekable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree/archive/seekable/ends.h"
#include "tree/archive/take/entries.h"
#include "tree/archive/take/keep.h"

bool seekable_can_seek(const struct stream *stream)
{
    int64_t origin = -1;
    if (!stream->below)
        stream_file(stream, &origin);
    return origin >= 0;
}

static int keep(struct whole *whole)
{
    int error = keep_stream(whole->reading, &whole->kept, &whole->from.end);
    whole->from.file = whole->kept;
    return error;
}

/* Where the archive is: in its own file, or in one of ours. */
static int find_extent(struct whole *whole)
{
    struct stream *stream = whole->reading->stream;
    int64_t origin;
    if (!seekable_can_seek(stream))
        return keep(whole);
    whole->from.file = stream_file(stream, &origin);
    whole->from.begin = (uint64_t)origin + stream->position;
    off_t end = lseek(whole->from.file, 0, SEEK_END);
    if (end < 0)
        return whole_fail(whole, strerror(errno));
    whole->from.end = (uint64_t)end;
    stream_end(stream);
    return (uint64_t)end < whole->from.begin
               ? whole_fail(whole, "it became shorter while it was read")
               : 0;
}

static int open_whole(struct whole *whole)
{
    struct archive_reading *reading = whole->reading;
    struct archive *archive = archive_read_new();
    reading->archive = archive;
    if (!archive)
        return cramfs_fail_memory(reading->diags);
    archive_read_support_format_7zip(archive);
    archive_read_support_format_ar(archive);
    archive_read_support_format_cab(archive);
    archive_read_support_format_iso9660(archive);
    archive_read_support_format_lha(archive);
    archive_read_support_format_rar(archive);
    archive_read_support_format_rar5(archive);
    archive_read_support_format_xar(archive);
    archive_read_support_format_zip_seekable(archive);
    whole->from.position = whole->from.begin;
    return reader_open_extent(archive, &whole->from) == ARCHIVE_OK ? 0 : fail_archive(reading);
}

/*
 * Whether only padding is left. An ar has no mark of its end, and libarchive takes zeroes after it
 * for a header. The bytes of the current entry are skipped.
 */
static bool is_padding_left(struct whole *whole)
{
    struct archive *archive = whole->reading->archive;
    if (whole->content != CONTENT_AR || !whole->entries_count ||
        archive_read_data_skip(archive) != ARCHIVE_OK)
        return false;
    la_int64_t at = archive_filter_bytes(archive, 0);
    return at >= 0 && whole->from.begin + (uint64_t)at >= whole->padding;
}

static int take_entries(struct whole *whole)
{
    bool ended = false;
    int result = 0;
    while (!ended && (!result || result == -CRAMFS_ERR_FORMAT)) {
        uint64_t before = whole->reading->entries_count;
        result = worse_error(result, take_next_entry(whole->reading, &ended));
        whole->entries_count += whole->reading->entries_count - before;
        ended = ended || ((!result || result == -CRAMFS_ERR_FORMAT) && is_padding_left(whole));
    }
    return result;
}

int read_seekable_archive(struct archive_reading *reading, enum content content)
{
    struct whole *whole = calloc(1, sizeof(*whole));
    if (!whole)
        return cramfs_fail_memory(reading->diags);
    whole->reading = reading;
    whole->content = content;
    whole->kept = -1;
    reading->has_sum = false;
    int error = find_extent(whole);
    if (!error)
        error = whole_check_before(whole);
    /* libarchive does not recognise a zip without entries. */
    bool empty = whole->entries_known && !whole->entries_expected;
    if (!error && !empty)
        error = open_whole(whole);
    if (!error && !empty)
        error = take_entries(whole);
    if (!error && !empty)
        error = whole_check_after(whole);
    archive_read_free(reading->archive);
    reading->archive = NULL;
    if (whole->kept >= 0)
        close(whole->kept);
    free(whole);
    return error;
}
