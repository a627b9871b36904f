/*
 * An archive as the source of a tree: all formats that libarchive reads; and several archives one
 * after the other, each compressed or not, with zeroes between them, as the kernel reads an
 * initramfs.
 */
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>

#include "base/remedy.h"
#include "tree/archive/allow.h"
#include "tree/archive/containers.h"
#include "tree/archive/image.h"
#include "tree/archive/manifest.h"
#include "tree/archive/seekable/seekable.h"
#include "tree/archive/stream/recognise.h"
#include "tree/archive/tar_cpio.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/layers/whiteouts.h"

enum { MOST_LAYERS = 8 };

static unsigned count_layers(const struct stream *stream)
{
    unsigned count = 0;
    for (; stream; stream = stream->below)
        count++;
    return count;
}

/*
 * Adds a stream that decompresses the bytes at the current stream's position; `*known`: the
 * compression is known.
 */
static int push_layer(struct archive_reading *reading, enum content content, bool *known)
{
    struct stream *layer = NULL;
    if (count_layers(reading->stream) > MOST_LAYERS)
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->path,
                           "it is compressed more than %d times over; decompress it first",
                           MOST_LAYERS);
    int error = content == CONTENT_GZIP ? stream_open_gzip(reading->stream, &layer)
                                        : stream_open_filter(reading->stream, &layer);
    *known = layer != NULL;
    if (layer)
        reading->stream = layer;
    return error;
}

/* Goes on with the bytes after a compressed part. */
static void pop_layer(struct archive_reading *reading)
{
    struct stream *layer = reading->stream;
    reading->stream = layer->below;
    stream_free(layer);
}

static int fail_unrecognised(const struct archive_reading *reading)
{
    if (!reading->archives_count)
        return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                           "cannot read the archive: Unrecognized archive format");
    return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                       "cannot read the archive: the bytes from byte %" PRIu64
                       " on are not an archive; the file is damaged, or other data follow the "
                       "archive: cut them off",
                       reading->stream->position);
}

static int refuse(const struct archive_reading *reading, const struct recognised *found)
{
    char *command = NULL;
    if (asprintf(&command, found->command, reading->path) < 0)
        return cramfs_fail_memory(reading->diags);
    int error = cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->path,
                            "is %s, not an archive of files", found->what);
    error = with_remedy(error, reading->diags, CRAMFS_REMEDY_PIPE, command);
    free(command);
    return error;
}

/*
 * Reads another compression, a manifest, or an archive that does not begin as others of its kind.
 */
static int read_unknown(struct archive_reading *reading)
{
    if (is_manifest(reading->stream)) /* libarchive 3.7 takes no text over 64 KiB as plain */
        return read_manifest(reading);
    bool known = false;
    int error = push_layer(reading, CONTENT_UNKNOWN, &known);
    if (error || known)
        return error;
    if (!reading->archives_count && seekable_can_seek(reading->stream))
        return read_seekable_archive(reading, CONTENT_UNKNOWN);
    return fail_unrecognised(reading);
}

static int read_content(struct archive_reading *reading, const struct recognised *found)
{
    bool known;
    switch (found->content) {
    case CONTENT_GZIP:
        return push_layer(reading, CONTENT_GZIP, &known);
    case CONTENT_ZEROES:
        return stream_skip_zeroes(reading->stream);
    case CONTENT_TAR:
    case CONTENT_NEWC:
    case CONTENT_ODC:
    case CONTENT_AFIO:
    case CONTENT_BINARY_CPIO:
        reading->archives_count++;
        return read_tar_or_cpio(reading, found->content);
    case CONTENT_ZIP:
    case CONTENT_SEVEN_ZIP:
    case CONTENT_ISO:
    case CONTENT_XAR:
    case CONTENT_AR:
    case CONTENT_RAR5:
    case CONTENT_OTHER_ARCHIVE:
        reading->archives_count++;
        return read_seekable_archive(reading, found->content);
    case CONTENT_CRAMFS:
        reading->archives_count++;
        return read_image(reading);
    case CONTENT_REFUSED:
        return refuse(reading, found);
    default:
        return read_unknown(reading);
    }
}

/*
 * The end of a stream: the end of the file, or of a compressed part that has read at least some
 * bytes.
 */
static int end_stream(struct archive_reading *reading, bool *ended)
{
    struct stream *stream = reading->stream;
    if (stream->error)
        return stream->error;
    *ended = !stream->below;
    if (*ended)
        return 0;
    bool moved = stream->below->position > stream->begins;
    pop_layer(reading);
    return moved ? 0 : fail_unrecognised(reading);
}

/* Errors of single entries do not stop it, unless no byte was read since the last one. */
static int read_all(struct archive_reading *reading)
{
    bool ended = false;
    int result = 0;
    while (!ended && (!result || result == -CRAMFS_ERR_FORMAT)) {
        const struct stream *before = reading->stream;
        uint64_t position = before->position;
        struct recognised found = recognise(reading->stream);
        int error = found.content == CONTENT_NOTHING ? end_stream(reading, &ended)
                                                     : read_content(reading, &found);
        result = result && !error ? result : error;
        ended = ended || (error && reading->stream == before && before->position == position);
    }
    if (!result && !reading->entries_count)
        result = allow_or_fail(reading, CRAMFS_LOSS_EMPTY, "the file has no entries, or is empty");
    return result ? result : refuse_container(reading);
}

int cramfs_tree_read_archive(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags)
{
    return read_archive_or_image(tree, path, NULL, diags);
}

int read_archive_or_image(struct cramfs_tree *tree, const char *path,
                          const struct archive_images *images, struct cramfs_diags *diags)
{
    struct archive_reading reading = {.tree = tree, .path = path, .images = images, .diags = diags};
    /*
     * libarchive converts names from an archive's character set to that of the locale, and loses
     * names that the locale lacks. Names are bytes here, and archives that name their character set
     * use UTF-8. So the locale is UTF-8, for this thread and for this call.
     */
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    int error = layers_begin(tree, path, diags);
    if (!error)
        error = stream_open_file(path, diags, &reading.stream);
    if (!error)
        error = read_all(&reading);
    if (!error)
        error = part_end(tree, path, diags);
    if (!error)
        error = whiteouts_end_source(tree, path, diags);
    while (reading.stream)
        pop_layer(&reading);
    free(reading.links);
    hash_index_free(&reading.by_target);
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    return error;
}

bool cramfs_archive_recognised(const char *path)
{
    struct stream *stream = NULL;
    struct stream *layer = NULL;
    bool recognised = false;
    if (stream_open_file(path, NULL, &stream) != 0)
        return false;
    switch (recognise(stream).content) {
    case CONTENT_NOTHING:
    case CONTENT_ZEROES:
    case CONTENT_CRAMFS:
    case CONTENT_REFUSED:
        break;
    case CONTENT_UNKNOWN:
        recognised = is_manifest(stream) || (stream_open_filter(stream, &layer) == 0 && layer);
        break;
    default:
        recognised = true;
    }
    if (layer)
        stream_free(layer);
    stream_free(stream);
    return recognised;
}
