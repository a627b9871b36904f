#include "cramfs/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The kernel's limit before it returns ELOOP. */
enum { MAX_LINKS = 40 };

/* A link's target, as a path from the working directory; NULL with errno, EINVAL if it is not a
 * link. */
static char *link_target(const char *path)
{
    char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof(target) - 1);
    if (length < 0)
        return NULL;
    target[length] = '\0';
    if (target[0] == '/')
        return strdup(target);
    char *copy = strdup(path);
    char *result = NULL;
    if (copy && asprintf(&result, "%s/%s", dirname(copy), target) < 0)
        result = NULL;
    free(copy);
    return result;
}

/* The path with the links in its directory resolved; the last name stays. */
static char *resolve_parent(const char *path)
{
    if (!*path || path[strlen(path) - 1] == '/') {
        errno = EISDIR;
        return NULL;
    }
    char *copies[2] = {strdup(path), strdup(path)};
    char *result = NULL;
    if (copies[0] && copies[1]) {
        char *directory = realpath(dirname(copies[0]), NULL);
        if (directory && asprintf(&result, "%s/%s", directory, basename(copies[1])) < 0)
            result = NULL;
        free(directory);
    }
    free(copies[0]);
    free(copies[1]);
    return result;
}

/* The path with all links resolved; the file need not exist, also when a link leads to it. */
static char *resolve(const char *path)
{
    char *at = strdup(path);
    for (int i = 0; at && i < MAX_LINKS; i++) {
        char *next = link_target(at);
        if (!next) {
            char *result = errno == ENOMEM ? NULL : resolve_parent(at);
            free(at);
            return result;
        }
        free(at);
        at = next;
    }
    if (at)
        errno = ELOOP;
    free(at);
    return NULL;
}

enum { NAME_TRIES = 100 };

/*
 * Makes a file with an unused name, as readable as any file that the user makes. (mkstemp(3) would
 * make it private; widening that needs the umask, which cannot be read without changing it.)
 */
static int create_unique(char *path, char *unique)
{
    for (int i = 0; i < NAME_TRIES; i++) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        unsigned long number = (unsigned long)now.tv_nsec + (unsigned long)getpid() * 1000003ul;
        snprintf(unique, 7, "%06lx", (number + (unsigned long)i * 40503ul) & 0xfffffful);
        int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0 || errno != EEXIST)
            return file;
    }
    return -1;
}

static int open_temporary(struct cramfs_output *output)
{
    static const char pattern[] = ".cramfs-xip.XXXXXX";
    /* Not the image's name with a suffix: the name may be as long as names can be. */
    char *copy = strdup(output->path);
    if (!copy || asprintf(&output->temporary, "%s/%s", dirname(copy), pattern) < 0)
        output->temporary = NULL;
    free(copy);
    if (!output->temporary) {
        errno = ENOMEM;
        return -1;
    }
    return create_unique(output->temporary,
                         output->temporary + strlen(output->temporary) - strlen("XXXXXX"));
}

static void forget(struct cramfs_output *output)
{
    free(output->path);
    free(output->temporary);
    *output = (struct cramfs_output){.file = -1};
}

static int open_standard_output(struct cramfs_output *output, struct cramfs_diags *diags)
{
    output->path = strdup("-");
    output->file = output->path ? dup(STDOUT_FILENO) : -1;
    if (output->file >= 0)
        return 0;
    forget(output);
    return cramfs_fail(diags, CRAMFS_ERR_IO, "-", "cannot write to standard output: %s",
                       strerror(errno));
}

/*
 * Refuses to write to a device that is mounted, or that another program has locked (as mkfs
 * programs and udev do).
 */
static int open_device(const char *path, bool block)
{
    int file = open(path, O_WRONLY | O_CLOEXEC | (block ? O_EXCL : 0));
    if (file < 0 || !block || flock(file, LOCK_EX | LOCK_NB) == 0)
        return file;
    int error = errno == EWOULDBLOCK ? EBUSY : errno;
    close(file);
    errno = error;
    return -1;
}

int cramfs_output_open(const char *path, struct cramfs_output *output, struct cramfs_diags *diags)
{
    *output = (struct cramfs_output){.file = -1};
    struct stat status;
    if (strcmp(path, "-") == 0)
        return open_standard_output(output, diags);
    bool replace = stat(path, &status) != 0 || S_ISREG(status.st_mode);
    bool block = !replace && S_ISBLK(status.st_mode);
    output->path = replace ? resolve(path) : strdup(path);
    if (output->path)
        output->file = replace ? open_temporary(output) : open_device(output->path, block);
    if (output->file >= 0)
        return 0;
    int error = cramfs_fail(
        diags, CRAMFS_ERR_IO, path, "cannot create the image: %s%s", strerror(errno),
        block && errno == EBUSY ? "; it is mounted, or another program has locked it" : "");
    forget(output);
    return error;
}

/* Makes the new name itself durable; if a file system cannot do that, it is not an error. */
static void sync_directory(const char *path)
{
    char *copy = strdup(path);
    if (!copy)
        return;
    int directory = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        fsync(directory);
        close(directory);
    }
    free(copy);
}

/* A fifo has no disk: its fsync(2) fails with EINVAL, which is not an error here. */
static bool reach_disk(int file)
{
    return fsync(file) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP;
}

int cramfs_output_close(struct cramfs_output *output, bool keep, struct cramfs_diags *diags)
{
    int error = 0;
    if (!output || !output->path)
        return 0;
    if (keep && !reach_disk(output->file))
        error = errno;
    if (close(output->file) != 0 && keep && !error)
        error = errno;
    if (output->temporary) {
        if (keep && !error && rename(output->temporary, output->path) != 0)
            error = errno;
        if (!keep || error)
            unlink(output->temporary);
        else
            sync_directory(output->path);
    }
    int result = 0;
    if (error)
        result =
            cramfs_fail(diags, CRAMFS_ERR_IO, output->path, "cannot write: %s", strerror(error));
    forget(output);
    return result;
}

static bool same_directory(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool cramfs_output_inside(const char *path, const char *directory)
{
    struct stat wanted;
    if (strcmp(path, "-") == 0)
        return false;
    char *resolved = resolve(path);
    if (!resolved || stat(directory, &wanted) != 0) {
        free(resolved);
        return false;
    }
    /*
     * Goes up one parent at a time and compares device and inode, not names, so that bind mounts
     * hide nothing.
     */
    bool inside = false;
    int at = open(dirname(resolved), O_PATH | O_DIRECTORY | O_CLOEXEC);
    while (at >= 0 && !inside) {
        struct stat here;
        struct stat above;
        int parent = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        inside = fstat(at, &here) == 0 && same_directory(&here, &wanted);
        bool top = parent < 0 || fstat(parent, &above) != 0 || same_directory(&here, &above);
        close(at);
        at = parent;
        if (top)
            break;
    }
    if (at >= 0)
        close(at);
    free(resolved);
    return inside;
}
