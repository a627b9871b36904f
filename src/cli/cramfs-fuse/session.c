#include "cli/cramfs-fuse/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/cramfs-fuse/operations.h"

/* Threads that wait for requests; while more come in, libfuse starts more. */
enum { IDLE_THREADS = 10 };

/* One line in one piece: "PROGRAM: SUBJECT: TEXT", the subject may be missing. */
static void print_line(const char *subject, const char *text)
{
    char *line = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&line, &length);
    if (!memory)
        return;
    fprintf(memory, "%s: ", program_invocation_short_name);
    if (subject) {
        cramfs_print_text(memory, subject);
        fputs(": ", memory);
    }
    cramfs_print_text(memory, text);
    fputc('\n', memory);
    if (fclose(memory) == 0)
        fwrite(line, 1, length, stderr);
    free(line);
}

/* Prints libfuse's messages. Names in them come from the image. */
static void print_log(enum fuse_log_level level, const char *format, va_list arguments)
{
    char *text = NULL;
    (void)level;
    if (vasprintf(&text, format, arguments) < 0)
        return;
    size_t length = strlen(text);
    while (length && text[length - 1] == '\n')
        text[--length] = '\0';
    print_line(NULL, text);
    free(text);
}

static int fail(const char *subject, const char *text)
{
    print_line(subject, text);
    return EXIT_OPERATIONAL;
}

/* libfuse's own message does not say what to do. */
static int check_device(void)
{
    static const char device[] = "/dev/fuse";
    int file = open(device, O_RDWR | O_CLOEXEC);
    if (file >= 0) {
        close(file);
        return EXIT_CLEAN;
    }
    switch (errno) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return fail(device, "is missing; load the kernel's module (modprobe fuse), or give the "
                            "device to the container; cramfsck -x and cramfs-dump need no mount");
    case EACCES:
    case EPERM:
        return fail(device, "cannot be opened without permission; allow it to all users (chmod 666 "
                            "/dev/fuse), and give the device to the container");
    default:
        return fail(device, strerror(errno));
    }
}

/*
 * The directory's path from the root, since a program in the background has another working
 * directory. If the program of a mount is gone, the kernel's caches can hide that, but statvfs()
 * fails.
 */
static int check_directory(const char *directory, char **path)
{
    struct stat status;
    struct statvfs counts;
    *path = realpath(directory, NULL);
    if (*path && stat(*path, &status) == 0 && statvfs(*path, &counts) == 0)
        return S_ISDIR(status.st_mode) ? EXIT_CLEAN
                                       : fail(directory, "is not a directory to mount on");
    if (errno == ENOTCONN)
        return fail(directory, "is still mounted, and the program that mounted it has ended; "
                               "fusermount3 -u unmounts it");
    if (errno == ENOENT)
        return fail(directory, "does not exist; make it with mkdir");
    return fail(directory, strerror(errno));
}

static int run_session(struct fuse_session *session, const struct fuse_arguments *arguments)
{
    struct fuse_loop_config config = {.max_idle_threads = IDLE_THREADS};
    if (fuse_daemonize(arguments->foreground || arguments->debug) != 0)
        return fail(NULL, "cannot run in the background");
    int result =
        arguments->one_thread ? fuse_session_loop(session) : fuse_session_loop_mt(session, &config);
    /* A positive result is the signal that ended the session. */
    return result < 0 ? fail(arguments->open.paths[0], strerror(-result)) : EXIT_CLEAN;
}

/* Signals end the session from before the mount on, so that none leaves a mount without a server.
 */
static int mount_session(struct fuse_session *session, const char *path,
                         const struct fuse_arguments *arguments)
{
    if (fuse_set_signal_handlers(session) != 0)
        return fail(NULL, "cannot set up signal handlers");
    int code = EXIT_CLEAN;
    if (fuse_session_mount(session, path) != 0) {
        code = fail(arguments->open.paths[0],
                    geteuid() == 0 ? "cannot be mounted on"
                                   : "cannot be mounted on; it must belong to you, and fusermount3 "
                                     "must be installed (package fuse3)");
    } else {
        code = run_session(session, arguments);
        fuse_session_unmount(session);
    }
    fuse_remove_signal_handlers(session);
    return code;
}

int serve_mount(struct fuse_arguments *arguments, struct mounted *mounted)
{
    char *path = NULL;
    int code = check_directory(arguments->open.paths[0], &path);
    if (code == EXIT_CLEAN)
        code = check_device();
    struct fuse_session *session = NULL;
    if (code == EXIT_CLEAN) {
        fuse_set_log_func(print_log);
        session = fuse_session_new(&arguments->mount, &operations, sizeof(operations), mounted);
        if (!session)
            code = EXIT_USAGE;
    }
    if (session) {
        code = mount_session(session, path, arguments);
        fuse_session_destroy(session);
    }
    free(path);
    return code;
}
