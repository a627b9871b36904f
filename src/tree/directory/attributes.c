#include "tree/directory/attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tree/directory/source.h"
#include "tree/layers/whiteouts.h"
#include "tree/losses.h"

/* The file whose attributes are read: by its path in procfs, or an open file. */
struct asked {
    const char *path;
    int file;
};

static ssize_t list_names(const struct asked *asked, char *to, size_t size)
{
    return asked->path ? listxattr(asked->path, to, size) : flistxattr(asked->file, to, size);
}

/* Whether an attribute has the value by which overlayfs marks a directory as opaque. */
static bool is_opaque(const struct asked *asked, const char *name)
{
    char value[2];
    if (!strstr(name, ".overlay.opaque"))
        return false;
    ssize_t length = asked->path ? getxattr(asked->path, name, value, sizeof(value))
                                 : fgetxattr(asked->file, name, value, sizeof(value));
    return length > 0 && whiteouts_is_opaque(name, value, (size_t)length);
}

/* False with errno when the names cannot be read. */
static bool count_listed(struct cramfs_losses *losses, const struct asked *asked, bool *opaque)
{
    ssize_t length = list_names(asked, NULL, 0);
    if (length <= 0) /* a file system without attributes */
        return length == 0 || errno == ENOTSUP;
    char *names = malloc((size_t)length);
    length = names ? list_names(asked, names, (size_t)length) : -1;
    for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
        losses_count_xattr(losses, names + at);
        *opaque |= is_opaque(asked, names + at);
    }
    free(names);
    return length >= 0;
}

/* Opens files and directories, which has no side effects, to read their attributes. */
static int open_readable(const struct open_entry *entry)
{
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const struct stat *status = &entry->status;
    if (S_ISDIR(status->st_mode))
        return openat(entry->file, ".", flags | O_DIRECTORY);
    if (!S_ISREG(status->st_mode))
        return -1;
    return directory_source_verify(openat(entry->directory, entry->name, flags), status->st_dev,
                                   status->st_ino);
}

static bool count_opened(struct cramfs_losses *losses, const struct open_entry *entry, bool *opaque)
{
    struct asked asked = {NULL, open_readable(entry)};
    bool counted = asked.file >= 0 && count_listed(losses, &asked, opaque);
    if (asked.file >= 0)
        close(asked.file);
    return counted;
}

bool count_attributes(struct cramfs_losses *losses, const struct open_entry *entry)
{
    /*
     * flistxattr(2) refuses files open with O_PATH. The path in procfs takes eight times as long,
     * and works also for a link itself.
     */
    char path[64];
    const struct asked asked = {entry->readable ? NULL : path, entry->file};
    bool opaque = false;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", entry->file);
    if (!count_listed(losses, &asked, &opaque) && !count_opened(losses, entry, &opaque))
        losses->unasked++;
    return opaque;
}

/* Headers are older than kernels. New calls have consecutive numbers on all machines. */
#if !defined(SYS_listxattrat) && defined(SYS_openat2)
#define SYS_listxattrat (SYS_openat2 + 28)
#endif

/* Asks how long the list of names is. */
static long ask_by_name(int directory, const char *name)
{
#ifdef SYS_listxattrat
    return syscall(SYS_listxattrat, directory, name, AT_SYMLINK_NOFOLLOW, NULL, (size_t)0);
#else
    (void)directory;
    (void)name;
    errno = ENOSYS;
    return -1;
#endif
}

bool attributes_by_name(void)
{
    return ask_by_name(-1, "name") < 0 && errno == EBADF;
}

bool attributes_has_none(int directory, const char *name)
{
    long length = ask_by_name(directory, name);
    return length == 0 || (length < 0 && errno == ENOTSUP);
}
