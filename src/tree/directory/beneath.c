#include "tree/directory/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* Older C libraries and kernel headers lack the call: then this file walks name by name. */
#if defined(SYS_openat2) && __has_include(<linux/openat2.h>)
#include <linux/openat2.h>

static int ask_kernel(int at, const char *piece)
{
    struct open_how how = {
        .flags = FLAGS,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    long file;
    do /* EAGAIN: something was moved meanwhile */
        file = syscall(SYS_openat2, at, piece, &how, sizeof(how));
    while (file < 0 && (errno == EAGAIN || errno == EINTR));
    return (int)file;
}
#else
static int ask_kernel(int at, const char *piece)
{
    (void)at;
    (void)piece;
    errno = ENOSYS;
    return -1;
}
#endif

/* The length of the next piece: as many whole names as one system call takes. */
static size_t piece_length(const char *path)
{
    size_t length = strlen(path);
    if (length < PATH_MAX)
        return length;
    length = PATH_MAX - 1;
    while (path[length] != '/')
        length--; /* a name has at most NAME_MAX bytes, so there is a '/' */
    return length;
}

/* Moves *at to `next`; the old one is closed unless it is the root. */
static bool move_to(int root, int *at, int next)
{
    int error = errno;
    if (*at != root)
        close(*at);
    errno = error;
    *at = next;
    return next >= 0;
}

/* Opens name by name; no name may be a link. */
static int walk_names(int from, char *piece)
{
    int at = from;
    char *rest = piece;
    for (char *name; (name = strsep(&rest, "/"));) {
        if (!move_to(from, &at, openat(at, name, FLAGS)))
            break;
    }
    return at;
}

static int open_piece(int at, const char *path, size_t length)
{
    char piece[PATH_MAX];
    memcpy(piece, path, length);
    piece[length] = '\0';
    int file = ask_kernel(at, piece);
    /* Containers give EPERM; a kernel or filter that does not know the call gives EINVAL. */
    if (file < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL))
        file = walk_names(at, piece);
    return file;
}

int open_beneath(int root, const char *path)
{
    int at = root;
    if (!*path)
        return openat(root, ".", FLAGS);
    while (*path) {
        size_t length = piece_length(path);
        if (!move_to(root, &at, open_piece(at, path, length)))
            break;
        path += length + (path[length] == '/');
    }
    return at;
}
