/* The stream of a file, which all other streams are built on. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree/archive/stream/stream.h"

struct file_stream {
    struct stream base;
    int file;
    int64_t origin; /* -1 when it cannot seek */
};

static int fail_file(const struct stream *stream)
{
    return cramfs_fail(stream->diags, CRAMFS_ERR_IO, stream->path, "cannot read the archive: %s",
                       strerror(errno));
}

static int read_from_file(struct stream *stream, unsigned char *to, size_t capacity, size_t *got)
{
    const struct file_stream *file = (const struct file_stream *)stream;
    ssize_t result;
    do
        result = read(file->file, to, capacity);
    while (result < 0 && errno == EINTR);
    if (result < 0)
        return fail_file(stream);
    *got = (size_t)result;
    return 0;
}

static void close_file(struct stream *stream)
{
    const struct file_stream *file = (const struct file_stream *)stream;
    if (file->file > STDIN_FILENO)
        close(file->file);
}

static const struct stream_kind file_kind = {read_from_file, close_file};

/*
 * Some devices and files of /proc can seek but have no size: only files with a size are sought in.
 */
static int64_t find_origin(int file)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !(S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)))
        return -1;
    return lseek(file, 0, SEEK_CUR);
}

int stream_open_file(const char *path, struct cramfs_diags *diags, struct stream **stream)
{
    struct file_stream *file = calloc(1, sizeof(*file));
    if (!file)
        return cramfs_fail_memory(diags);
    int error = stream_init(&file->base, &file_kind, NULL, path, diags);
    bool standard_input = strcmp(path, "-") == 0;
    file->file = standard_input ? STDIN_FILENO : error ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (!error && file->file < 0)
        error = fail_file(&file->base);
    if (!error)
        file->origin = find_origin(file->file);
    if (error)
        stream_free(&file->base);
    else
        *stream = &file->base;
    return error;
}

int stream_file(const struct stream *stream, int64_t *origin)
{
    const struct file_stream *file = (const struct file_stream *)stream;
    *origin = file->origin;
    return file->file;
}
