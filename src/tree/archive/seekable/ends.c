#include "tree/archive/seekable/ends.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/io.h"
#include "tree/archive/seekable/zip_end.h"
#include "tree/archive/seekable/zip_entries.h"
#include "tree/archive/stream/file_end.h"

int whole_fail(const struct whole *whole, const char *what)
{
    return cramfs_fail(whole->reading->diags, CRAMFS_ERR_IO, whole->reading->path,
                       "cannot read the archive: %s", what);
}

static int take_zip_end(struct whole *whole, const struct zip_end *zip)
{
    whole->content = CONTENT_ZIP;
    whole->from.end = zip->end;
    whole->entries_known = zip->known;
    whole->entries_expected = zip->entries;
    return zip->known ? check_zip_entries(&whole->from, zip, whole->reading) : 0;
}

/* Without its directory a zip has neither modes nor links. */
static int check_zip(struct whole *whole)
{
    struct zip_end zip;
    bool found;
    if (!find_zip_end(whole->from.file, whole->from.begin, whole->from.end, &zip, &found))
        return whole_fail(whole, strerror(errno));
    if (!found)
        return whole_fail(whole, "the directory at the end of the zip is missing: the zip is cut, "
                                 "or other bytes follow it");
    if (zip.known && zip.prefix)
        return whole_fail(whole, "the zip's directory does not list its first entry, so there may "
                                 "be two zips, one after the other; name each as a source");
    return take_zip_end(whole, &zip);
}

/* Bytes that do not begin as an archive may be a program with a zip after it. */
static int check_unknown(struct whole *whole)
{
    struct zip_end zip;
    bool found;
    if (!find_zip_end(whole->from.file, whole->from.begin, whole->from.end, &zip, &found))
        return whole_fail(whole, strerror(errno));
    return found && zip.known ? take_zip_end(whole, &zip) : 0;
}

static int read_number(const struct whole *whole, uint64_t at, size_t size, uint64_t *number)
{
    unsigned char bytes[8] = {0};
    if (whole->from.end - whole->from.begin < at + size)
        return whole_fail(whole, "the archive is cut");
    if (!io_read_at(whole->from.file, bytes, size, whole->from.begin + at))
        return whole_fail(whole, strerror(errno));
    *number = read_little(bytes, size);
    return 0;
}

/*
 * Checks that after `end`, counted from the archive's beginning, there are only zeroes, except for
 * `few` bytes.
 */
static int check_rest(struct whole *whole, uint64_t end, uint64_t few)
{
    struct extent_reader *from = &whole->from;
    uint64_t last;
    if (end > from->end - from->begin)
        return whole_fail(whole, "the archive is cut");
    if (!find_last_byte(from->file, from->begin + end, from->end, &last))
        return whole_fail(whole, strerror(errno));
    if (last - from->begin - end <= few)
        return 0;
    return cramfs_fail(whole->reading->diags, CRAMFS_ERR_IO, whole->reading->path,
                       "cannot read the archive: %" PRIu64 " bytes follow its end at byte %" PRIu64
                       "; cut them off, or name a second archive as a source of its own",
                       last - from->begin - end, end);
}

/* The header of a 7z says where its last part is. */
static int check_seven_zip(struct whole *whole)
{
    uint64_t offset = 0;
    uint64_t size = 0;
    int error = read_number(whole, 12, 8, &offset);
    if (!error)
        error = read_number(whole, 20, 8, &size);
    if (error)
        return error;
    if (offset > INT64_MAX || size > INT64_MAX)
        return whole_fail(whole, "its header is damaged");
    return check_rest(whole, 32 + offset + size, 0);
}

/* Boot code may follow an ISO 9660 image; no part of the image may be missing. */
static int check_iso(struct whole *whole)
{
    uint64_t blocks = 0;
    uint64_t block = 0;
    int error = read_number(whole, 32768 + 80, 4, &blocks);
    if (!error)
        error = read_number(whole, 32768 + 128, 2, &block);
    if (!error && blocks * block > whole->from.end - whole->from.begin)
        error = whole_fail(whole, "the archive is cut: it is shorter than its header says");
    return error;
}

static int find_padding(struct whole *whole)
{
    const struct extent_reader *from = &whole->from;
    if (find_last_byte(from->file, from->begin, from->end, &whole->padding))
        return 0;
    return whole_fail(whole, strerror(errno));
}

int whole_check_before(struct whole *whole)
{
    switch (whole->content) {
    case CONTENT_AR:
        return find_padding(whole);
    case CONTENT_ZIP:
        return check_zip(whole);
    case CONTENT_UNKNOWN:
        return check_unknown(whole);
    case CONTENT_SEVEN_ZIP:
        return check_seven_zip(whole);
    case CONTENT_ISO:
        return check_iso(whole);
    default:
        return 0;
    }
}

/*
 * Checks where libarchive stopped, for formats that it reads to their end or to their last few
 * bytes.
 */
static int check_stop(struct whole *whole, uint64_t few)
{
    la_int64_t end = archive_filter_bytes(whole->reading->archive, 0);
    return check_rest(whole, end < 0 ? 0 : (uint64_t)end, few);
}

int whole_check_after(struct whole *whole)
{
    enum { RAR5_END = 8, XAR_SUM = 20 }; /* libarchive writes twice the room for the sum */
    if (whole->entries_known && whole->entries_count != whole->entries_expected)
        return whole_fail(whole, "entries that its directory counts cannot be found");
    switch (whole->content) {
    case CONTENT_AR:
    case CONTENT_OTHER_ARCHIVE:
        return check_stop(whole, 0);
    case CONTENT_RAR5:
        return check_stop(whole, RAR5_END);
    case CONTENT_XAR:
        return check_stop(whole, XAR_SUM);
    default:
        return 0;
    }
}
