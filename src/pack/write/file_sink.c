#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "pack/write/write.h"

/*
 * Large enough that the cost of system calls does not matter, small compared with the image in
 * memory.
 */
enum { BUFFER_BYTES = 1 << 20 };

static int take_bytes(struct byte_sink *base, const void *bytes, size_t length)
{
    struct file_sink *sink = (struct file_sink *)base;
    while (length) {
        size_t piece = BUFFER_BYTES - sink->used < length ? BUFFER_BYTES - sink->used : length;
        memcpy(sink->buffer + sink->used, bytes, piece);
        sink->used += piece;
        bytes = (const unsigned char *)bytes + piece;
        length -= piece;
        int error = sink->used == BUFFER_BYTES ? file_sink_flush(sink) : 0;
        if (error)
            return error;
    }
    return 0;
}

int file_sink_init(struct file_sink *sink, int file, enum cramfs_swap swap)
{
    *sink = (struct file_sink){
        .base = {take_bytes}, .file = file, .swap = swap, .buffer = malloc(BUFFER_BYTES)};
    return sink->buffer ? 0 : -CRAMFS_ERR_MEMORY;
}

int file_sink_flush(struct file_sink *sink)
{
    size_t used = sink->used;
    sink->used = 0;
    cramfs_swap_copy(sink->swap, sink->buffer, sink->buffer, used);
    if (io_write(sink->file, sink->buffer, used))
        return 0;
    sink->system_error = errno;
    return -CRAMFS_ERR_IO;
}

void file_sink_free(struct file_sink *sink)
{
    free(sink->buffer);
}
