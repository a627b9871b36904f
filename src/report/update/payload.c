#include "report/update/payload.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cramfs/codec.h"
#include "cramfs/diag.h"

struct payload {
    struct archive *archive;
    struct archive_entry *entry;
    struct cramfs_deflater *deflater;
};

/*
 * gzip, block by block: any busybox has gunzip, the codec has deflate, and a block can be unpacked
 * by itself. On updates of a Debian tree xz makes the same blocks 12 % smaller one by one, and 17 %
 * smaller together. It would be one more library here, and Buildroot's libarchive does not have it.
 */
struct payload *payload_create(FILE *out)
{
    struct payload *payload = calloc(1, sizeof(*payload));
    if (!payload)
        return NULL;
    payload->archive = archive_write_new();
    payload->entry = archive_entry_new();
    payload->deflater = cramfs_deflater_create(
        CRAMFS_COMPRESSOR_DEFAULT, cramfs_compressor_max_level(CRAMFS_COMPRESSOR_DEFAULT));
    if (!payload->archive || !payload->entry || !payload->deflater ||
        archive_write_set_format_ustar(payload->archive) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(payload->archive, 1) != ARCHIVE_OK ||
        archive_write_open_FILE(payload->archive, out) != ARCHIVE_OK) {
        payload_free(payload);
        return NULL;
    }
    return payload;
}

/* Without a time and an owner, an entry has those of zero. */
int payload_put(struct payload *payload, const char *name, const void *bytes, size_t length)
{
    archive_entry_clear(payload->entry);
    archive_entry_set_pathname(payload->entry, name);
    archive_entry_set_mode(payload->entry, S_IFREG | 0644);
    archive_entry_set_size(payload->entry, (la_int64_t)length);
    if (archive_write_header(payload->archive, payload->entry) != ARCHIVE_OK ||
        archive_write_data(payload->archive, bytes, length) != (la_ssize_t)length)
        return -CRAMFS_ERR_IO;
    return 0;
}

int payload_put_compressed(struct payload *payload, const char *name, const void *bytes,
                           size_t length)
{
    size_t capacity = cramfs_gzip_bound(length);
    unsigned char *compressed = malloc(capacity);
    int error = -CRAMFS_ERR_MEMORY;
    if (compressed) {
        size_t made = cramfs_gzip(payload->deflater, bytes, length, compressed, capacity);
        error = made ? payload_put(payload, name, compressed, made) : -CRAMFS_ERR_MEMORY;
    }
    free(compressed);
    return error;
}

int payload_end(struct payload *payload)
{
    return archive_write_close(payload->archive) == ARCHIVE_OK ? 0 : -CRAMFS_ERR_IO;
}

void payload_free(struct payload *payload)
{
    if (!payload)
        return;
    archive_write_free(payload->archive);
    archive_entry_free(payload->entry);
    cramfs_deflater_free(payload->deflater);
    free(payload);
}
