#include "tree/archive/seekable/zip_links.h"

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

/* An entry of the directory that is a link. */
struct zip_link {
    const unsigned char *name;
    size_t name_length;
    unsigned method;
    uint64_t packed_size;
    uint64_t local;                      /* its local header, after which come its bytes */
    unsigned char trailer[GZIP_TRAILER]; /* CRC and size, which a gzip file has in this form, too */
};

static bool is_link(const unsigned char *entry, struct zip_link *link)
{
    link->method = (unsigned)read_little(entry + 10, 2);
    link->packed_size = read_little(entry + 20, 4);
    link->local = read_little(entry + 42, 4);
    link->name = entry + ENTRY_SIZE;
    link->name_length = (size_t)read_little(entry + 28, 2);
    memcpy(link->trailer, entry + 16, 4);
    memcpy(link->trailer + 4, entry + 24, 4);
    return entry[5] == UNIX && S_ISLNK(read_little(entry + 40, 2)) &&
           (link->method == STORED || link->method == DEFLATED) && link->packed_size <= MOST_TARGET;
}

/* A gzip file is the same deflate stream, CRC and size: so one function checks both. */
static bool is_sound_deflate(const struct zip_link *link, unsigned char *bytes)
{
    static const unsigned char header[GZIP_HEADER] = {0x1f, 0x8b, DEFLATED};
    size_t length = GZIP_HEADER + (size_t)link->packed_size;
    memcpy(bytes, header, GZIP_HEADER);
    memcpy(bytes + length, link->trailer, GZIP_TRAILER);
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

static bool is_sound(const struct zip_link *link, unsigned char *bytes)
{
    if (link->method == DEFLATED)
        return is_sound_deflate(link, bytes);
    uint32_t crc = cramfs_crc32(0, bytes + GZIP_HEADER, (size_t)link->packed_size);
    return crc == read_little(link->trailer, 4);
}

/* `bytes` has room for the target between a header and a trailer of gzip. */
static int check_link(const struct extent_reader *from, const struct zip_link *link,
                      unsigned char *bytes, const struct archive_reading *reading)
{
    uint64_t left = from->end - from->begin;
    unsigned char local[LOCAL_SIZE];
    if (left < LOCAL_SIZE || link->local > left - LOCAL_SIZE)
        return 0;
    if (!io_read_at(from->file, local, LOCAL_SIZE, from->begin + link->local))
        return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                           "cannot read the archive: %s", strerror(errno));
    uint64_t at =
        link->local + LOCAL_SIZE + read_little(local + 26, 2) + read_little(local + 28, 2);
    if (at > left || link->packed_size > left - at)
        return 0;
    if (!io_read_at(from->file, bytes + GZIP_HEADER, (size_t)link->packed_size, from->begin + at))
        return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                           "cannot read the archive: %s", strerror(errno));
    if (is_sound(link, bytes))
        return 0;
    char shown[FAULT_SIZE];
    return cramfs_fail(
        reading->diags, CRAMFS_ERR_FORMAT, reading->path,
        "cannot read the archive: '%s' is damaged: the CRC of its target is wrong",
        cramfs_escape((const char *)link->name, link->name_length, shown, sizeof(shown)));
}

static int check_links(const struct extent_reader *from, const unsigned char *directory,
                       size_t length, const struct archive_reading *reading)
{
    static const char magic[] = "PK\001\002";
    unsigned char *bytes = malloc(GZIP_HEADER + MOST_TARGET + GZIP_TRAILER);
    int result = bytes ? 0 : cramfs_fail_memory(reading->diags);
    for (size_t at = 0; bytes && length - at >= ENTRY_SIZE;) {
        const unsigned char *entry = directory + at;
        struct zip_link link;
        bool links = is_link(entry, &link);
        size_t size = ENTRY_SIZE + link.name_length + (size_t)read_little(entry + 30, 2) +
                      (size_t)read_little(entry + 32, 2);
        if (memcmp(entry, magic, 4) != 0 || size > length - at)
            break;
        int error = links ? check_link(from, &link, bytes, reading) : 0;
        result = error ? error : result;
        at += size;
    }
    free(bytes);
    return result;
}

int check_zip_links(const struct extent_reader *from, const struct zip_end *zip,
                    const struct archive_reading *reading)
{
    unsigned char *directory = malloc(zip->size ? (size_t)zip->size : 1);
    if (!directory)
        return cramfs_fail_memory(reading->diags);
    int error = 0;
    if (!io_read_at(from->file, directory, (size_t)zip->size, from->begin + zip->offset))
        error = cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                            "cannot read the archive: %s", strerror(errno));
    if (!error)
        error = check_links(from, directory, (size_t)zip->size, reading);
    free(directory);
    return error;
}
