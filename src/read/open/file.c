/* Files to read an image from: by name, or on standard input, which may be a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "read/open/open.h"
#include "tree/archive/take/spool.h"

/* Copies a pipe to its end. False with errno. */
static bool copy(int from, int to, uint64_t *size)
{
    enum { PIECE = 1 << 16 };
    unsigned char *piece = malloc(PIECE);
    ssize_t got = piece ? 1 : -1;
    *size = 0;
    while (got > 0) {
        got = read(from, piece, PIECE);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0 && !io_write_at(to, piece, (size_t)got, *size))
            got = -1;
        else if (got > 0)
            *size += (uint64_t)got;
    }
    int error = errno;
    free(piece);
    errno = error;
    return got == 0;
}

/* Copies a pipe to a file, since images are not read from beginning to end. */
static int keep_pipe(int pipe, const char *path, uint64_t *size, struct cramfs_diags *diags)
{
    int file = spool_open_file();
    if (file >= 0 && copy(pipe, file, size))
        return file;
    int error =
        cramfs_fail(diags, CRAMFS_ERR_IO, path,
                    "cannot copy the pipe to a temporary file: %s; set TMPDIR to another directory",
                    strerror(errno));
    if (file >= 0)
        close(file);
    return error;
}

static int open_path(const char *path, bool stream)
{
    if (stream && strcmp(path, "-") == 0)
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    return open(path, O_RDONLY | O_CLOEXEC);
}

int open_file(const char *path, bool stream, uint64_t *size, struct cramfs_diags *diags)
{
    int file = open_path(path, stream);
    if (file < 0)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot open the image: %s",
                           strerror(errno));
    off_t end = lseek(file, 0, SEEK_END);
    if (end >= 0) {
        *size = (uint64_t)end;
        return file;
    }
    int other =
        errno == ESPIPE && stream
            ? keep_pipe(file, path, size, diags)
            : cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot read the image: %s", strerror(errno));
    close(file);
    return other;
}

int fail_to_read(int file, uint64_t size, const char *path, struct cramfs_diags *diags)
{
    int error = errno;
    off_t end = lseek(file, 0, SEEK_END);
    if (end >= 0 && (uint64_t)end < size)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path,
                           "cannot read the image: while it was read, it shrank from %" PRIu64
                           " bytes to %" PRIu64,
                           size, (uint64_t)end);
    return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot read the image: %s", strerror(error));
}
