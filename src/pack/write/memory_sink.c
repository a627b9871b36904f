#include <string.h>

#include "pack/write/write.h"

int memory_sink_take(struct byte_sink *base, const void *bytes, size_t length)
{
    struct memory_sink *sink = (struct memory_sink *)base;
    if (length > sink->room)
        return -CRAMFS_ERR_INTERNAL;
    memcpy(sink->at, bytes, length);
    sink->at += length;
    sink->room -= length;
    return 0;
}
