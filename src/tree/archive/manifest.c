#include "tree/archive/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "tree/mtree/line.h"
#include "tree/mtree/mtree.h"

enum { MOST = 1 << 28 };

/* The length of the byte order mark at the beginning of the text; 0 for none. */
static size_t mark_length(const unsigned char *bytes, size_t length)
{
    static const char mark[] = "\xef\xbb\xbf";
    return length >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;
}

bool is_manifest(struct stream *stream)
{
    const unsigned char *bytes;
    size_t length = stream_look_ahead(stream, stream->position, STREAM_LOOK_AHEAD, &bytes);
    size_t mark = mark_length(bytes, length);
    return mtree_recognise((const char *)bytes + mark, length - mark);
}

struct text {
    char *bytes; /* with a NUL after them */
    size_t bytes_count;
    size_t bytes_capacity;
};

static int read_text(struct archive_reading *reading, struct text *text)
{
    const unsigned char *piece;
    size_t length;
    for (;;) {
        int error = stream_next(reading->stream, &piece, &length);
        if (error)
            return error;
        if (!array_reserve(&text->bytes, 1, text->bytes_count, &text->bytes_capacity, length + 1))
            return cramfs_fail_memory(reading->diags);
        memcpy(text->bytes + text->bytes_count, piece, length);
        text->bytes_count += length;
        text->bytes[text->bytes_count] = '\0';
        stream_take(reading->stream, length);
        if (!length)
            return 0;
        if (text->bytes_count > MOST)
            return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->path,
                               "the manifest has more than %d bytes; split it into several", MOST);
    }
}

int read_manifest(struct archive_reading *reading)
{
    struct text text = {0};
    const unsigned char *bytes;
    size_t length = stream_look_ahead(reading->stream, reading->stream->position, 3, &bytes);
    stream_take(reading->stream, mark_length(bytes, length));
    int error = read_text(reading, &text);
    reading->archives_count++;
    if (!error)
        return mtree_read(reading->tree, reading->path, text.bytes, text.bytes_count,
                          reading->diags, &reading->entries_count);
    free(text.bytes);
    return error;
}
