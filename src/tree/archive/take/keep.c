#include "tree/archive/take/keep.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tree/archive/take/spool.h"
#include "tree/taken.h"

static int fail_to_keep(const struct archive_reading *reading)
{
    return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                       "cannot keep it in %s: %s; set TMPDIR to another directory",
                       spool_directory(), strerror(errno));
}

int keep_stream(struct archive_reading *reading, int *file, uint64_t *size)
{
    struct stream *stream = reading->stream;
    const unsigned char *bytes;
    size_t length;
    int error;
    *size = 0;
    *file = spool_open_file();
    if (*file < 0)
        return cramfs_fail(
            reading->diags, CRAMFS_ERR_IO, reading->path,
            "cannot make a temporary file in %s: %s; set TMPDIR to another directory",
            spool_directory(), strerror(errno));
    while ((error = stream_next(stream, &bytes, &length)) == 0 && length) {
        if (!spool_write(*file, bytes, length, *size))
            return fail_to_keep(reading);
        *size += length;
        if (*size > reading->tree->most_bytes)
            return taken_fail(reading->tree, reading->path, reading->diags);
        stream_take(stream, length);
    }
    return error || ftruncate(*file, (off_t)*size) == 0 ? error : fail_to_keep(reading);
}
