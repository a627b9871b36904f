#include "tree/archive/take/bytes.h"

#include <errno.h>
#include <string.h>

#include "cramfs/format.h"
#include "tree/taken.h"

static int fail_spool(const struct archive_reading *reading)
{
    return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                       "cannot keep its files in %s: %s; set TMPDIR to another directory",
                       spool_directory(), strerror(errno));
}

/* The sum of all bytes, as in cpio's "crc" form. */
static uint32_t add_bytes(uint32_t sum, const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sum += bytes[i];
    return sum;
}

/*
 * Checks that all bytes came, and that the sum is right. The length of a tar's entry is left to
 * libarchive: a hole has no bytes in it.
 */
static int check_end(const struct archive_reading *reading, struct archive_entry *entry,
                     uint64_t end, uint32_t sum)
{
    bool tar = (archive_format(reading->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
    if (!tar && archive_entry_size_is_set(entry) && end != (uint64_t)archive_entry_size(entry))
        return fail_entry(reading, entry, "it is shorter or longer than its header says");
    if (reading->has_sum && sum != reading->sum)
        return fail_entry(reading, entry, "the checksum of its bytes is not the one in its header");
    return 0;
}

/* How much of an entry was read. */
struct take_progress {
    uint64_t end;
    uint32_t sum;
};

/* Reads the next bytes of the entry; sparse parts stay holes. `*ended` when there are none. */
static int spool_block(struct archive_reading *reading, struct archive_entry *entry,
                       struct take_progress *progress, bool *ended)
{
    const void *bytes;
    size_t length;
    la_int64_t offset;
    int status = archive_read_data_block(reading->archive, &bytes, &length, &offset);
    *ended = status == ARCHIVE_EOF;
    if (*ended)
        return 0;
    if (status != ARCHIVE_OK || offset < 0)
        return fail_data(reading, entry, status);
    uint64_t end = (uint64_t)offset + length;
    if (end <= CRAMFS_MAX_FILE_SIZE && !spool_put(reading->spool, bytes, length, (uint64_t)offset))
        return fail_spool(reading);
    progress->end = end > progress->end ? end : progress->end;
    progress->sum = reading->has_sum ? add_bytes(progress->sum, bytes, length) : 0;
    return 0;
}

/*
 * Copies the entry's bytes to the end of the spool. If only the bytes show that a file is too large
 * for the format, it is read to its end, so that its size can be reported, but no more is kept.
 */
static int spool_data(struct archive_reading *reading, struct archive_entry *entry,
                      struct cramfs_node *node)
{
    struct take_progress progress = {0};
    bool ended = false;
    int error = 0;
    if (!reading->spool)
        error = spool_create(reading->tree, reading->path, reading->diags, &reading->spool);
    while (!error && !ended)
        error = spool_block(reading, entry, &progress, &ended);
    if (!error)
        error = check_end(reading, entry, progress.end, progress.sum);
    node->size = progress.end > node->size ? progress.end : node->size;
    if (!error && !spool_end(reading->spool, node))
        error = fail_spool(reading);
    if (!error && node->size <= CRAMFS_MAX_FILE_SIZE) /* larger ones are not kept */
        error = taken_count(reading->tree, node->size, reading->path, reading->diags);
    if (error)
        node->size = 0; /* it has no source */
    return error;
}

bool has_bytes(struct archive_entry *entry)
{
    return archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0;
}

int take_bytes(struct archive_reading *reading, struct archive_entry *entry,
               struct cramfs_node *node)
{
    if (archive_entry_size_is_set(entry))
        node->size = (uint64_t)archive_entry_size(entry);
    /* A file too large for the format will be reported; its bytes need not be kept. */
    if (node->size > CRAMFS_MAX_FILE_SIZE)
        return 0;
    return spool_data(reading, entry, node);
}
