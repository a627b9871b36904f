/*
 * resident-pages DIRECTORY [COMMAND...]: prints which pages of the files below a mounted directory
 * are in RAM, after the command has run, as a profile for mkcramfs-xip --xip-profile; README.md
 * beside this says how to use it.
 *
 * For the target: POSIX and mincore(2), any cross compiler. mincore() reports the page cache of a
 * mapped file, and mapping a file reads nothing. So only pages that other processes have brought in
 * are printed. The walk has at most two directories open, however deep they are, and climbs back by
 * "..".
 */
#define _DEFAULT_SOURCE      /* mincore() */
#define _FILE_OFFSET_BITS 64 /* on 32-bit machines, too */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "processes.h"
#include "profile.h"

/* A directory on the way down. */
struct level {
    char **names; /* its names, sorted, so that two runs print in the same order */
    size_t count;
    size_t capacity;
    size_t next; /* the current name */
    dev_t device;
    ino_t inode;        /* to recognise the directory when climbing back */
    size_t path_length; /* of its path, without a '/' at the end */
};

struct walk {
    struct level *levels;
    size_t depth;
    size_t capacity;
    int directory; /* the deepest level's */
    dev_t device;
    char *path; /* from the mount: "/lib/libc.so.6" */
    size_t path_capacity;
    struct profile profile;
    uint64_t elsewhere;
    bool failed;
};

/* Reports an entry that cannot be examined; the walk continues. */
static void complain(struct walk *walk, const char *what)
{
    fprintf(stderr, "resident-pages: %s: %s\n", *walk->path ? walk->path : "/", what);
    walk->failed = true;
}

/* The path of the deepest level, or of `name` in it unless that is "". */
static void set_path(struct walk *walk, const char *name)
{
    size_t length = walk->depth ? walk->levels[walk->depth - 1].path_length : 0;
    size_t added = strlen(name);
    walk->path = grow(walk->path, &walk->path_capacity, length + 1 + added + 1, 1);
    if (added) {
        walk->path[length++] = '/';
        memcpy(walk->path + length, name, added);
    }
    walk->path[length + added] = '\0';
}

/* Since Linux 5.2 mincore() reports all pages of other users' files as in RAM. */
static bool may_be_known(const struct walk *walk, const char *name, const struct stat *status)
{
    return geteuid() == 0 || geteuid() == status->st_uid ||
           faccessat(walk->directory, name, W_OK, AT_EACCESS) == 0;
}

static void print_file(struct walk *walk, int file, const struct stat *status)
{
    const char *fault = profile_add(&walk->profile, walk->path, file, status);
    if (fault)
        complain(walk, fault);
}

static void look_at_file(struct walk *walk, const char *name)
{
    struct stat status;
    /* It may be another file by now: do not hang on a fifo, and do not follow a link. */
    int file = openat(walk->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0)
        complain(walk, strerror(errno));
    else if (!may_be_known(walk, name, &status))
        complain(walk, "only its owner and root can know which of its pages are in RAM");
    else if (S_ISREG(status.st_mode))
        print_file(walk, file, &status);
    if (file >= 0)
        close(file);
}

static int compare_names(const void *first, const void *second)
{
    return strcmp(*(char *const *)first, *(char *const *)second);
}

static void list_names(struct walk *walk, struct level *level)
{
    int listed = openat(walk->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = listed >= 0 ? fdopendir(listed) : NULL;
    if (!stream) {
        complain(walk, strerror(errno));
        if (listed >= 0)
            close(listed);
        return;
    }
    struct dirent *entry;
    while ((errno = 0, entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        level->names =
            grow(level->names, &level->capacity, level->count + 1, sizeof(*level->names));
        level->names[level->count] = strdup(entry->d_name);
        if (!level->names[level->count++])
            die("memory");
    }
    if (errno)
        complain(walk, strerror(errno));
    closedir(stream);
    if (level->count)
        qsort(level->names, level->count, sizeof(*level->names), compare_names);
}

/* Enters the directory of the path, and takes ownership of the path. */
static void enter(struct walk *walk, int directory, const struct stat *status)
{
    walk->levels = grow(walk->levels, &walk->capacity, walk->depth + 1, sizeof(*walk->levels));
    struct level *level = &walk->levels[walk->depth++];
    *level = (struct level){
        .device = status->st_dev, .inode = status->st_ino, .path_length = strlen(walk->path)};
    if (walk->directory >= 0)
        close(walk->directory);
    walk->directory = directory;
    list_names(walk, level);
}

static void leave(struct walk *walk)
{
    struct level *level = &walk->levels[--walk->depth];
    for (size_t i = 0; i < level->count; i++)
        free(level->names[i]);
    free(level->names);
    int parent = -1;
    if (walk->depth) {
        struct stat status;
        set_path(walk, "");
        level--;
        parent = openat(walk->directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (parent < 0 || fstat(parent, &status) != 0)
            die(walk->path);
        if (status.st_dev != level->device || status.st_ino != level->inode) {
            errno = ESTALE; /* a directory was moved while we were in it */
            die(walk->path);
        }
    }
    close(walk->directory);
    walk->directory = parent;
}

static void enter_directory(struct walk *walk, const char *name)
{
    struct stat status;
    int directory = openat(walk->directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0 || fstat(directory, &status) != 0) {
        complain(walk, strerror(errno));
        if (directory >= 0)
            close(directory);
    } else if (status.st_dev != walk->device) {
        walk->elsewhere++; /* something is mounted there */
        close(directory);
    } else {
        enter(walk, directory, &status);
    }
}

static void visit(struct walk *walk, const char *name)
{
    struct stat status;
    set_path(walk, name);
    if (fstatat(walk->directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        complain(walk, strerror(errno));
    else if (S_ISDIR(status.st_mode))
        enter_directory(walk, name); /* a mount there is seen only when it is open */
    else if (S_ISREG(status.st_mode) && status.st_dev != walk->device)
        walk->elsewhere++;
    else if (S_ISREG(status.st_mode) && status.st_size > 0)
        look_at_file(walk, name);
}

/* Returns whether everything was done. */
static bool run(struct walk *walk, char *const *command)
{
    int status = processes_run(&walk->profile.processes, command);
    if (status == 0)
        return true;
    fprintf(stderr, "resident-pages: %s: ended with %s %d\n", command[0],
            WIFEXITED(status) ? "status" : "signal",
            WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return false;
}

static void print_profile(struct walk *walk)
{
    profile_begin();
    while (walk->depth) {
        struct level *level = &walk->levels[walk->depth - 1];
        if (level->next < level->count)
            visit(walk, level->names[level->next++]);
        else
            leave(walk);
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        die("standard output");
    fprintf(stderr, "resident-pages: %llu pages of %llu files are in RAM",
            (unsigned long long)walk->profile.resident, (unsigned long long)walk->profile.files);
    if (walk->elsewhere)
        fprintf(stderr, "; on other file systems, and left out: %llu",
                (unsigned long long)walk->elsewhere);
    fputc('\n', stderr);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: resident-pages DIRECTORY [COMMAND [ARGUMENT]...] > profile.csv\n");
        return 2;
    }
    struct walk walk = {.directory = -1, .profile = {.page_size = (size_t)sysconf(_SC_PAGESIZE)}};
    struct stat status;
    int root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0 || fstat(root, &status) != 0)
        die(argv[1]);
    walk.device = status.st_dev;
    struct processes *processes = &walk.profile.processes;
    *processes = (struct processes){.inodes = &walk.profile.inodes, .device = status.st_dev};
    bool done = argc == 2 || run(&walk, &argv[2]);
    processes_look(processes);
    set_path(&walk, "");
    enter(&walk, root, &status);
    print_profile(&walk);
    free(walk.levels);
    free(walk.path);
    profile_free(&walk.profile);
    if (!done)
        return 3;
    return walk.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
