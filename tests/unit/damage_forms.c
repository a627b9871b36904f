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
    {"tar.zst with checksum", "zstd", NULL, NULL, COVERED_ALL, 1, 0},
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

/*
 * The output of `zstd -19 --check` for a tar of the same entries: libarchive writes no checksums of
 * zstd, but compares them.
 */
static const unsigned char zstd_with_checksum[] = {
    0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x68, 0x45, 0x08, 0x00, 0xc2, 0xcf, 0x2e, 0x1c, 0x60, 0x6b, 0x1e,
    0xdb, 0xc6, 0xc2, 0x0e, 0xd4, 0x76, 0x22, 0xf2, 0x3f, 0x6f, 0xbc, 0x19, 0x04, 0x0d, 0x0c, 0x2c,
    0xbb, 0xc6, 0xb4, 0x05, 0x4f, 0x82, 0xe0, 0x01, 0x29, 0xae, 0x35, 0xd6, 0xdd, 0xbe, 0x3e, 0x67,
    0x93, 0x5a, 0x9d, 0x22, 0x9e, 0xa9, 0xf0, 0x7c, 0x6e, 0x64, 0x84, 0xef, 0xcf, 0xac, 0x5c, 0x23,
    0x3b, 0x75, 0xf8, 0xfc, 0x0f, 0x3e, 0xcf, 0xca, 0x88, 0xd3, 0xf9, 0xb0, 0x2b, 0x72, 0xf2, 0x22,
    0x1f, 0x3f, 0x1c, 0x0d, 0xc6, 0x42, 0xf1, 0x95, 0x26, 0x10, 0x53, 0x3e, 0xce, 0xc1, 0x10, 0x61,
    0xc3, 0xf8, 0xa2, 0x14, 0x1e, 0x0b, 0x02, 0xae, 0xb1, 0x05, 0x50, 0xa9, 0x79, 0x40, 0x7d, 0x79,
    0x0e, 0x5d, 0x4e, 0xc9, 0x4e, 0x1f, 0x43, 0x25, 0x42, 0x06, 0x23, 0xee, 0x44, 0x86, 0x1f, 0x33,
    0x93, 0xab, 0xbf, 0xa3, 0xc0, 0x0e, 0x09, 0xcd, 0x9b, 0x3a, 0xb9, 0x6e, 0x4b, 0x31, 0xe6, 0xd6,
    0x36, 0x72, 0x3a, 0xa8, 0x46, 0xf4, 0x0f, 0x3e, 0x7a, 0x6f, 0xe8, 0x7b, 0xf4, 0x90, 0xaf, 0x34,
    0x32, 0x28, 0x49, 0x14, 0x6f, 0xab, 0xb5, 0x92, 0x73, 0x07, 0x19, 0x1d, 0xb4, 0x6c, 0xf7, 0xd2,
    0xf7, 0x55, 0xb1, 0x8c, 0x37, 0x01, 0x54, 0xeb, 0xde, 0xee, 0xd5, 0xce, 0x2d, 0xc5, 0x56, 0xda,
    0x05, 0xe8, 0x4d, 0xc9, 0xf5, 0xa2, 0x25, 0x1a, 0x20, 0x20, 0x49, 0x82, 0x82, 0x82, 0xea, 0x01,
    0x7b, 0x70, 0xe5, 0x87, 0xab, 0xc2, 0x56, 0x21, 0x7f, 0x2b, 0xc1, 0xd8, 0x00, 0xd4, 0x99, 0x6f,
    0xb7, 0x47, 0x18, 0x40, 0x4a, 0x89, 0x15, 0x4c, 0xc5, 0x11, 0xd4, 0xeb, 0xac, 0x37, 0x10, 0xb0,
    0x01, 0xa8, 0xb1, 0xec, 0xb6, 0xa4, 0xf3, 0xc3, 0x63, 0x5b, 0x6b, 0x21, 0xea, 0x3b, 0x08, 0x83,
    0x01, 0xd3, 0x32, 0x47, 0x9d, 0x40, 0x6a, 0x0e, 0x20, 0xee, 0x64, 0xda, 0x07, 0x10, 0x3e, 0xad,
    0x21, 0xd0, 0x6b, 0xe1, 0xad,
};

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
    if (strcmp(form->format, "zstd") == 0) {
        keep(NULL, &made, zstd_with_checksum, sizeof(zstd_with_checksum));
        return made;
    }
    if (strcmp(form->format, "crc") != 0)
        return make_by_libarchive(form);
    add_crc_entry(&made, "first", 0104755, payload, payload_length);
    add_crc_entry(&made, "last", 0100600, payload + 7, 40);
    add_crc_entry(&made, "TRAILER!!!", 0, "", 0);
    return made;
}
