#include "tree/archive/seekable/zip_entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "cramfs/codec.h"
#include "tree/archive/stream/fault.h"
#include "tree/archive/stream/file_end.h"

enum { ENTRY_SIZE = 46, LOCAL_SIZE = 30, MOST_TARGET = 1 << 16, STORED = 0, DEFLATED = 8 };
enum { UNIX = 3, GZIP_HEADER = 10, GZIP_TRAILER = 8 };

/* An entry of the zip's directory. */
struct zip_entry {
    const unsigned char *name;
    size_t name_length;
    unsigned method;
    uint64_t packed_size;
    uint64_t local; /* offset of its local header; its bytes follow that */
    bool is_link;
    unsigned char trailer[GZIP_TRAILER]; /* CRC and size, in the form that gzip files use */
};

static void read_entry(const unsigned char *bytes, struct zip_entry *entry)
{
    entry->method = (unsigned)read_little(bytes + 10, 2);
    entry->packed_size = read_little(bytes + 20, 4);
    entry->local = read_little(bytes + 42, 4);
    entry->name = bytes + ENTRY_SIZE;
    entry->name_length = (size_t)read_little(bytes + 28, 2);
    entry->is_link = bytes[5] == UNIX && S_ISLNK(read_little(bytes + 40, 2));
    memcpy(entry->trailer, bytes + 16, 4);
    memcpy(entry->trailer + 4, bytes + 24, 4);
}

/*
 * A gzip file has the same deflate stream, CRC and size, so the inflater of gzip files checks both.
 */
static bool is_sound_deflate(const struct zip_entry *entry, unsigned char *bytes)
{
    static const unsigned char header[GZIP_HEADER] = {0x1f, 0x8b, DEFLATED};
    size_t length = GZIP_HEADER + (size_t)entry->packed_size;
    memcpy(bytes, header, GZIP_HEADER);
    memcpy(bytes + length, entry->trailer, GZIP_TRAILER);
    length += GZIP_TRAILER;
    struct cramfs_gunzip *gunzip = cramfs_gunzip_create();
    unsigned char target[4096];
    bool ended = false;
    for (size_t at = 0; gunzip && at < length && !ended;) {
        size_t used;
        size_t written;
        if (cramfs_gunzip(gunzip, bytes + at, length - at, target, sizeof(target), &used, &written,
                          &ended) != 0 ||
            (!used && !written))
            break;
        at += used;
    }
    cramfs_gunzip_free(gunzip);
    return ended;
}

static bool is_sound(const struct zip_entry *entry, unsigned char *bytes)
{
    if (entry->method == DEFLATED)
        return is_sound_deflate(entry, bytes);
    uint32_t crc = cramfs_crc32(0, bytes + GZIP_HEADER, (size_t)entry->packed_size);
    return crc == read_little(entry->trailer, 4);
}

static int fail_read(const struct archive_reading *reading)
{
    return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path, "cannot read the archive: %s",
                       strerror(errno));
}

static int fail_zip_entry(const struct archive_reading *reading, const struct zip_entry *entry,
                          const char *fault)
{
    char shown[FAULT_SIZE];
    return cramfs_fail(
        reading->diags, CRAMFS_ERR_FORMAT, reading->path,
        "cannot read the archive: '%s' is damaged: %s",
        cramfs_escape((const char *)entry->name, entry->name_length, shown, sizeof(shown)), fault);
}

/*
 * A zip, with room for a name, or for a link's target between the header and the trailer of a gzip
 * file.
 */
struct zip_checking {
    const struct extent_reader *from;
    const struct archive_reading *reading;
    unsigned char *bytes;
};

static bool has_bytes(const struct extent_reader *from, uint64_t at, uint64_t length)
{
    uint64_t all = from->end - from->begin;
    return at <= all && length <= all - at;
}

static int check_target(const struct zip_checking *checking, const struct zip_entry *entry,
                        uint64_t at)
{
    const struct extent_reader *from = checking->from;
    size_t length = (size_t)entry->packed_size;
    if ((entry->method != STORED && entry->method != DEFLATED) || length > MOST_TARGET ||
        !has_bytes(from, at, length))
        return 0;
    if (!io_read_at(from->file, checking->bytes + GZIP_HEADER, length, from->begin + at))
        return fail_read(checking->reading);
    return is_sound(entry, checking->bytes)
               ? 0
               : fail_zip_entry(checking->reading, entry, "the CRC of its target is wrong");
}

/* libarchive uses the name in the local header. */
static int check_entry(const struct zip_checking *checking, const struct zip_entry *entry)
{
    const struct extent_reader *from = checking->from;
    unsigned char local[LOCAL_SIZE];
    if (!has_bytes(from, entry->local, LOCAL_SIZE))
        return 0;
    if (!io_read_at(from->file, local, LOCAL_SIZE, from->begin + entry->local))
        return fail_read(checking->reading);
    size_t length = (size_t)read_little(local + 26, 2);
    uint64_t at = entry->local + LOCAL_SIZE;
    if (!has_bytes(from, at, length))
        return 0;
    if (!io_read_at(from->file, checking->bytes, length, from->begin + at))
        return fail_read(checking->reading);
    if (length != entry->name_length || memcmp(checking->bytes, entry->name, length) != 0)
        return fail_zip_entry(checking->reading, entry,
                              "its header and the zip's directory have different names for it");
    at += length + read_little(local + 28, 2);
    return entry->is_link ? check_target(checking, entry, at) : 0;
}

static int check_entries(const struct zip_checking *checking, const unsigned char *directory,
                         size_t length)
{
    static const char magic[] = "PK\001\002";
    int result = 0;
    for (size_t at = 0; length - at >= ENTRY_SIZE;) {
        const unsigned char *bytes = directory + at;
        struct zip_entry entry;
        read_entry(bytes, &entry);
        size_t size = ENTRY_SIZE + entry.name_length + (size_t)read_little(bytes + 30, 2) +
                      (size_t)read_little(bytes + 32, 2);
        if (memcmp(bytes, magic, 4) != 0 || size > length - at)
            break;
        int error = check_entry(checking, &entry);
        result = error ? error : result;
        at += size;
    }
    return result;
}

int check_zip_entries(const struct extent_reader *from, const struct zip_end *zip,
                      const struct archive_reading *reading)
{
    unsigned char *directory = malloc(zip->size ? (size_t)zip->size : 1);
    struct zip_checking checking = {from, reading,
                                    malloc(GZIP_HEADER + MOST_TARGET + GZIP_TRAILER)};
    int error = 0;
    if (!directory || !checking.bytes)
        error = cramfs_fail_memory(reading->diags);
    else if (!io_read_at(from->file, directory, (size_t)zip->size, from->begin + zip->offset))
        error = fail_read(reading);
    else
        error = check_entries(&checking, directory, (size_t)zip->size);
    free(checking.bytes);
    free(directory);
    return error;
}
