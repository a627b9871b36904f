#include "tree/archive/keep.h"

#include <errno.h>
#include <string.h>

#include "base/io.h"
#include "tree/archive/spool.h"

int keep_stream(struct archive_reading *reading, int *file, uint64_t *size)
{
    struct stream *stream = reading->stream;
    const unsigned char *bytes;
    size_t length;
    int error;
    *size = 0;
    *file = spool_open_file();
    if (*file < 0)
        return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                           "cannot make a temporary file: %s; TMPDIR names another place",
                           strerror(errno));
    while ((error = stream_next(stream, &bytes, &length)) == 0 && length) {
        if (!io_write(*file, bytes, length))
            return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                               "cannot keep it: %s; TMPDIR names another place", strerror(errno));
        *size += length;
        stream_take(stream, length);
    }
    return error;
}
