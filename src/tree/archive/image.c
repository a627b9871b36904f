#include "tree/archive/image.h"

#include <unistd.h>

#include "tree/archive/seekable/seekable.h"
#include "tree/archive/take/keep.h"

static int read_in_place(struct archive_reading *reading)
{
    const struct archive_images *images = reading->images;
    int64_t origin;
    stream_file(reading->stream, &origin);
    uint64_t offset = (uint64_t)origin + reading->stream->position;
    stream_end(reading->stream);
    return images->read(images, reading->tree, reading->path, offset, -1, 0, reading->diags);
}

static int read_kept(struct archive_reading *reading)
{
    const struct archive_images *images = reading->images;
    uint64_t size;
    int kept;
    int error = keep_stream(reading, &kept, &size);
    if (!error)
        error = images->read(images, reading->tree, reading->path, 0, kept, size, reading->diags);
    if (kept >= 0)
        close(kept);
    return error;
}

int read_image(struct archive_reading *reading)
{
    reading->entries_count++; /* at least its root */
    if (!reading->images)
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->path,
                           "is a cramfs image, not an archive of files");
    return seekable_can_seek(reading->stream) ? read_in_place(reading) : read_kept(reading);
}
