#include "damage.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char payload[] =
    "The bytes of a file, which are none of a header: 0123456789 abcdefghijklmnopqrstuvwxyz "
    "and once more, so that there is something to compress: 0123456789 abcdefghijkl.";
const size_t payload_length = sizeof(payload) - 1;

const struct form forms[] = {
    {"tar", "ustar", NULL, NULL, COVERED_HEADERS, 1, 0},
    {"gnu tar", "gnutar", NULL, NULL, COVERED_HEADERS, 1, 0},
    {"pax", "paxr", NULL, NULL, COVERED_HEADERS, 1, 0},
    {"v7 tar", "v7tar", NULL, NULL, COVERED_HEADERS, 1, 0},
    {"newc", "newc", NULL, NULL, COVERED_NOTHING, 1, 0},
    {"odc", "odc", NULL, NULL, COVERED_NOTHING, 1, 0},
    {"binary cpio", "bin", NULL, NULL, COVERED_NOTHING, 1, 0},
    {"cpio with sums", "crc", NULL, NULL, COVERED_BYTES, 1, 0},
    {"zip", "zip", NULL, "zip:compression=deflate", COVERED_NOTHING, 1, 0},
    {"zip, stored", "zip", NULL, "zip:compression=store", COVERED_BYTES, 1, 0},
    {"7z", "7zip", NULL, NULL, COVERED_ALL, 1, 0},
    {"7z, stored", "7zip", NULL, "7zip:compression=store", COVERED_ALL, 1, 0},
    {"xar", "xar", NULL, NULL, COVERED_ALL, 1, 0},
    {"iso", "iso9660", NULL, NULL, COVERED_NOTHING, 509, 0},
    {"ar", "arbsd", NULL, NULL, COVERED_NOTHING, 1, 1},
    {"tar.gz", "ustar", "gzip", NULL, COVERED_ALL, 1, 0},
    {"newc.gz", "newc", "gzip", NULL, COVERED_ALL, 1, 0},
    {"tar.bz2", "ustar", "bzip2", NULL, COVERED_ALL, 1, 0},
    {"tar.xz", "ustar", "xz", NULL, COVERED_ALL, 1, 0},
    {"tar.lz", "ustar", "lzip", NULL, COVERED_ALL, 1, 0},
    {"tar.lzma", "ustar", "lzma", NULL, COVERED_NOTHING, 1, 0},
    {"tar.zst", "ustar", "zstd", NULL, COVERED_NOTHING, 1, 0},
    {"tar.lz4", "ustar", "lz4", NULL, COVERED_ALL, 1, 0},
    {"tar.Z", "ustar", "compress", NULL, COVERED_NOTHING, 1, 0},
    {"tar, uuencoded", "ustar", "uuencode", NULL, COVERED_NOTHING, 1, 0},
};
const size_t forms_count = sizeof(forms) / sizeof(forms[0]);

static void add_entry(struct archive *archive, const char *name, unsigned type, unsigned mode,
                      const char *bytes, size_t length)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, (__LA_MODE_T)mode);
    archive_entry_set_mtime(entry, 1700000000, 0);
    archive_entry_set_uid(entry, 3);
    archive_entry_set_gid(entry, 4);
    archive_entry_set_nlink(entry, 1);
    if (type == AE_IFLNK)
        archive_entry_set_symlink(entry, bytes);
    if (type == AE_IFREG)
        archive_entry_set_size(entry, (la_int64_t)length);
    if (archive_write_header(archive, entry) >= ARCHIVE_WARN && type == AE_IFREG)
        archive_write_data(archive, bytes, length);
    archive_entry_free(entry);
}

static void add_entries(struct archive *archive, bool only_files)
{
    if (!only_files) {
        add_entry(archive, "d", AE_IFDIR, 0711, NULL, 0);
        add_entry(archive, "d/link", AE_IFLNK, 0777, "../first,a/target/that/is/long", 0);
    }
    add_entry(archive, "first", AE_IFREG, 04755, payload, payload_length);
    add_entry(archive, "last", AE_IFREG, 0600, payload + 7, 40);
}

static la_ssize_t keep(struct archive *archive, void *context, const void *bytes, size_t length)
{
    struct bytes *to = context;
    (void)archive;
    unsigned char *grown = realloc(to->bytes, to->length + length);
    if (!grown)
        return ARCHIVE_FATAL;
    memcpy(grown + to->length, bytes, length);
    to->bytes = grown;
    to->length += length;
    return (la_ssize_t)length;
}

static struct bytes make_by_libarchive(const struct form *form)
{
    struct bytes made = {0};
    struct archive *archive = archive_write_new();
    int status = archive_write_set_format_by_name(archive, form->format);
    if (status == ARCHIVE_OK && form->filter)
        status = archive_write_add_filter_by_name(archive, form->filter);
    if (status == ARCHIVE_OK && form->options)
        status = archive_write_set_options(archive, form->options);
    archive_write_set_bytes_per_block(archive, 512);
    archive_write_set_bytes_in_last_block(archive, 1);
    if (status == ARCHIVE_OK)
        status = archive_write_open(archive, &made, NULL, keep, NULL);
    if (status == ARCHIVE_OK) {
        add_entries(archive, strcmp(form->format, "arbsd") == 0);
        status = archive_write_close(archive);
    }
    archive_write_free(archive);
    if (status != ARCHIVE_OK) {
        free(made.bytes);
        made = (struct bytes){0};
    }
    return made;
}

static void add_crc_entry(struct bytes *to, const char *name, unsigned mode, const char *bytes,
                          size_t length)
{
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += (unsigned char)bytes[i];
    char header[256];
    int size =
        snprintf(header, sizeof(header),
                 "070702%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s", 1u, mode, 3u, 4u,
                 1u, 1u, (unsigned)length, 0u, 0u, 0u, 0u, (unsigned)strlen(name) + 1, sum, name);
    keep(NULL, to, header, (size_t)size + 1);
    keep(NULL, to, "\0\0\0", -to->length & 3);
    keep(NULL, to, bytes, length);
    keep(NULL, to, "\0\0\0", -to->length & 3);
}

struct bytes make_archive(const struct form *form)
{
    struct bytes made = {0};
    if (strcmp(form->format, "crc") != 0)
        return make_by_libarchive(form);
    add_crc_entry(&made, "first", 0104755, payload, payload_length);
    add_crc_entry(&made, "last", 0100600, payload + 7, 40);
    add_crc_entry(&made, "TRAILER!!!", 0, "", 0);
    return made;
}
