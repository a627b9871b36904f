#include "tree/mtree/in_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"

/* Older C libraries and kernel headers lack the call: then this file walks name by name. */
#if defined(SYS_openat2) && __has_include(<linux/openat2.h>)
#include <linux/openat2.h>

static int ask_kernel(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    long file;
    do /* EAGAIN: something was moved while the kernel looked at a ".." */
        file = syscall(SYS_openat2, root, path, &how, sizeof(how));
    while (file < 0 && (errno == EAGAIN || errno == EINTR));
    return (int)file;
}
#else
static int ask_kernel(int root, const char *path, int flags)
{
    (void)root;
    (void)path;
    (void)flags;
    errno = ENOSYS;
    return -1;
}
#endif

/* The kernel's limit before it returns ELOOP. */
enum { MOST_LINKS = 40 };

/* A directory on the way down. ".." must lead back to it, or the current directory was moved. */
struct in_root_step {
    dev_t device;
    ino_t inode;
};

struct in_root_walk {
    int root;
    int at;     /* the current directory: the root's own descriptor, or one to close */
    char *text; /* allocated: the path, with the targets of links put in */
    char *rest; /* in the text: the remaining path */
    int flags;  /* of the file to open */
    int links;  /* followed so far */
    struct in_root_step *steps; /* the directories above the current one, outermost first */
    size_t steps_count;
    size_t steps_capacity;
};

static void move_to(struct in_root_walk *walk, int directory)
{
    if (walk->at != walk->root)
        close(walk->at);
    walk->at = directory;
}

static bool go_up(struct in_root_walk *walk)
{
    if (!walk->steps_count)
        return true;
    const struct in_root_step *above = &walk->steps[--walk->steps_count];
    struct stat status;
    int parent = openat(walk->at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0)
        return false;
    bool same = fstat(parent, &status) == 0 && status.st_dev == above->device &&
                status.st_ino == above->inode;
    move_to(walk, parent);
    if (!same)
        errno = EXDEV;
    return same;
}

/* Enters the open file `next`. If it is not a directory, its next name fails. */
static bool go_down(struct in_root_walk *walk, int next)
{
    struct stat status;
    if (fstat(walk->at, &status) != 0 || !ARRAY_GROW(walk, steps)) {
        close(next);
        return false;
    }
    walk->steps[walk->steps_count++] = (struct in_root_step){status.st_dev, status.st_ino};
    move_to(walk, next);
    return true;
}

/* Puts the target of an open link before the rest. */
static bool follow(struct in_root_walk *walk, int link)
{
    char *target = malloc(PATH_MAX);
    char *text = NULL;
    ssize_t length = target ? readlinkat(link, "", target, PATH_MAX - 1) : -1;
    if (length == 0)
        errno = ENOENT;
    if (length > 0 && ++walk->links > MOST_LINKS)
        errno = ELOOP;
    else if (length > 0) {
        target[length] = '\0';
        if (asprintf(&text, *walk->rest ? "%s/%s" : "%s", target, walk->rest) < 0)
            text = NULL;
    }
    free(target);
    if (!text)
        return false;
    free(walk->text);
    walk->text = walk->rest = text;
    if (*text == '/') {
        move_to(walk, walk->root);
        walk->steps_count = 0;
    }
    return true;
}

/* Takes a name that others follow, or that may be a link; with `last` opens it. */
static bool take_name(struct in_root_walk *walk, const char *name, bool last, int *file)
{
    struct stat status;
    int next = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0)
        return false;
    bool is_link = fstat(next, &status) == 0 && S_ISLNK(status.st_mode);
    if (!is_link && !last)
        return go_down(walk, next);
    bool fine = true;
    if (is_link)
        fine = follow(walk, next);
    else
        *file = openat(walk->at, name, walk->flags | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    close(next);
    errno = error;
    return fine && (is_link || *file >= 0);
}

/* Takes the next name of the rest. */
static bool take_step(struct in_root_walk *walk, int *file)
{
    char *name = walk->rest + strspn(walk->rest, "/");
    size_t length = strcspn(name, "/");
    bool last = !name[length];
    walk->rest = name + length + !last;
    name[length] = '\0';
    if (strcmp(name, "..") == 0)
        return go_up(walk);
    if (!length || strcmp(name, ".") == 0)
        return true;
    if (last && walk->flags & O_NOFOLLOW) {
        *file = openat(walk->at, name, walk->flags | O_CLOEXEC);
        return *file >= 0;
    }
    return take_name(walk, name, last, file);
}

static int walk_names(int root, const char *path, int flags)
{
    struct in_root_walk walk = {.root = root, .at = root, .text = strdup(path), .flags = flags};
    int file = -1;
    bool fine = walk.text && *path;
    errno = walk.text ? ENOENT : ENOMEM;
    walk.rest = walk.text;
    while (fine && file < 0 && *walk.rest)
        fine = take_step(&walk, &file);
    if (fine && file < 0) /* it ended with a directory: "." or "..", or a '/' */
        file = openat(walk.at, ".", flags | O_CLOEXEC);
    int error = errno;
    move_to(&walk, root);
    free(walk.steps);
    free(walk.text);
    errno = error;
    return file;
}

int open_in_root(int root, const char *path, int flags)
{
    int file = ask_kernel(root, path, flags);
    /* Containers give EPERM; a kernel or filter that does not know the call gives EINVAL. */
    if (file < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL))
        file = walk_names(root, path, flags);
    return file;
}
