/*
 * To be preloaded: makes one system call of a program fail, so that a test can see the effect of
 * each. The environment says which call:
 *
 *   FAULT_CALLS   names of functions with commas between; all functions if it is not set
 *   FAULT_AT      the number of the call to one of these, from 1
 *   FAULT_ERRNO   the call fails with this number, without being made (close and fclose are made),
 *   FAULT_SHORT   or a read or write does only half,
 *   FAULT_SIGNAL  or the thread gets this signal first,
 *   FAULT_KILL    or the process, in any of its threads,
 *   FAULT_CUT     or this file is cut to half its size first
 *   FAULT_CUT_AFTER  or this file is cut after a call that moves bytes, which succeeds
 *   FAULT_EXCHANGE or these two, "A:B", change places first, and once more at call FAULT_BACK
 *   FAULT_LOG     a file that is made when the fault has happened, with the function's name
 *   FAULT_OPENAT2 every openat2(2) fails with this number, as in containers and old kernels
 *   FAULT_LISTXATTRAT no listxattrat(2), as in kernels before 6.13
 *   FAULT_FCHMODAT no fchmodat(2) without following links, in the library or the kernel
 *   FAULT_NO_TMPFILE  when set, no file system can make files without a name
 *   FAULT_THREADS that many threads can be started, and no more
 *
 * stdio's own reads and writes do not pass through here; fopen and fclose do.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Sets *function, of any type, to the next library's function with that name. */
static void find_real(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(function, &found, sizeof(found));
}

static long number_of(const char *variable)
{
    const char *text = getenv(variable);
    return text ? strtol(text, NULL, 10) : 0;
}

static int is_listed(const char *name)
{
    const char *list = getenv("FAULT_CALLS");
    size_t length = strlen(name);
    while (list && *list) {
        size_t each = strcspn(list, ",");
        if (each == length && strncmp(list, name, length) == 0)
            return 1;
        list += each + (list[each] == ',');
    }
    return !getenv("FAULT_CALLS");
}

static void tell(const char *name)
{
    int (*real_open)(const char *, int, ...);
    ssize_t (*real_write)(int, const void *, size_t);
    find_real("open64", &real_open);
    find_real("write", &real_write);
    const char *path = getenv("FAULT_LOG");
    int file = path ? real_open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) : -1;
    if (file < 0 || real_write(file, name, strlen(name)) < 0)
        abort();
    /* It stays open: close() may be the call that fails. */
}

static void cut(const char *path)
{
    int (*real_stat)(const char *, struct stat64 *);
    struct stat64 status;
    find_real("stat64", &real_stat);
    if (real_stat(path, &status) != 0 || truncate64(path, status.st_size / 2) != 0)
        abort();
}

static void exchange(const char *both)
{
    char first[4096];
    size_t length = strcspn(both, ":");
    if (length >= sizeof(first))
        abort();
    memcpy(first, both, length);
    first[length] = '\0';
    if (renameat2(AT_FDCWD, first, AT_FDCWD, both + length + 1, RENAME_EXCHANGE) != 0)
        abort();
}

/* Whether this is the call. If so, the signal has been sent, or the file cut, before it returns. */
static int comes_to_pass(const char *name)
{
    static long calls;
    if (!is_listed(name))
        return 0;
    long call = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    const char *both = getenv("FAULT_EXCHANGE");
    if (both && (call == number_of("FAULT_AT") || call == number_of("FAULT_BACK")))
        exchange(both);
    if (call != number_of("FAULT_AT"))
        return 0;
    tell(name);
    if (number_of("FAULT_SIGNAL"))
        raise((int)number_of("FAULT_SIGNAL"));
    if (number_of("FAULT_KILL"))
        kill(getpid(), (int)number_of("FAULT_KILL"));
    if (getenv("FAULT_CUT"))
        cut(getenv("FAULT_CUT"));
    return 1;
}

/* The same for a call that must fail; sets errno. */
static int fails(const char *name)
{
    if (!comes_to_pass(name) || !number_of("FAULT_ERRNO"))
        return 0;
    errno = (int)number_of("FAULT_ERRNO");
    return 1;
}

/* Defines `type name parameters`, which returns `failed` when it fails. */
#define FAULTY(type, name, parameters, arguments, failed)                                          \
    type name parameters                                                                           \
    {                                                                                              \
        type(*real) parameters;                                                                    \
        find_real(#name, &real);                                                                   \
        return fails(#name) ? failed : real arguments;                                             \
    }

/* The same for functions that move bytes, and can move half of them. */
#define FAULTY_BYTES(name, parameters, arguments)                                                  \
    ssize_t name parameters                                                                        \
    {                                                                                              \
        ssize_t(*real) parameters;                                                                 \
        find_real(#name, &real);                                                                   \
        int now = comes_to_pass(#name);                                                            \
        errno = now ? (int)number_of("FAULT_ERRNO") : errno;                                       \
        if (now && errno)                                                                          \
            return -1;                                                                             \
        if (now && getenv("FAULT_SHORT") && length > 1)                                            \
            length /= 2;                                                                           \
        ssize_t moved = real arguments;                                                            \
        if (now && getenv("FAULT_CUT_AFTER"))                                                      \
            cut(getenv("FAULT_CUT_AFTER"));                                                        \
        return moved;                                                                              \
    }

/* The same for functions that close their file even when they fail. */
#define FAULTY_CLOSE(name, type)                                                                   \
    int name(type what)                                                                            \
    {                                                                                              \
        int (*real)(type);                                                                         \
        find_real(#name, &real);                                                                   \
        int result = real(what);                                                                   \
        return fails(#name) ? -1 : result;                                                         \
    }

FAULTY_BYTES(read, (int file, void *to, size_t length), (file, to, length))
FAULTY_BYTES(write, (int file, const void *from, size_t length), (file, from, length))
FAULTY_BYTES(pread64, (int file, void *to, size_t length, off64_t at), (file, to, length, at))
FAULTY_BYTES(pwrite64, (int file, const void *from, size_t length, off64_t at),
             (file, from, length, at))

FAULTY_CLOSE(close, int)
FAULTY_CLOSE(fclose, FILE *)

FAULTY(int, dup, (int file), (file), -1)
FAULTY(int, fchmod, (int file, mode_t mode), (file, mode), -1)
FAULTY(int, fsync, (int file), (file), -1)
FAULTY(int, ftruncate64, (int file, off64_t size), (file, size), -1)
FAULTY(int, rename, (const char *from, const char *to), (from, to), -1)
FAULTY(int, unlink, (const char *path), (path), -1)
FAULTY(int, stat64, (const char *path, struct stat64 *status), (path, status), -1)
FAULTY(int, fstat64, (int file, struct stat64 *status), (file, status), -1)
FAULTY(int, fstatat64, (int at, const char *path, struct stat64 *status, int flags),
       (at, path, status, flags), -1)
FAULTY(ssize_t, readlinkat, (int at, const char *path, char *to, size_t length),
       (at, path, to, length), -1)
FAULTY(ssize_t, listxattr, (const char *path, char *to, size_t size), (path, to, size), -1)
FAULTY(ssize_t, llistxattr, (const char *path, char *to, size_t size), (path, to, size), -1)
FAULTY(ssize_t, flistxattr, (int file, char *to, size_t size), (file, to, size), -1)
FAULTY(struct dirent64 *, readdir64, (DIR * stream), (stream), NULL)
FAULTY(FILE *, fopen64, (const char *path, const char *mode), (path, mode), NULL)
FAULTY(FILE *, fdopen, (int file, const char *mode), (file, mode), NULL)
FAULTY(DIR *, fdopendir, (int file), (file), NULL)

/* The mode is passed only if a file may be made, and is not used otherwise. */
#define TAKE_MODE(mode)                                                                            \
    va_list arguments;                                                                             \
    va_start(arguments, flags);                                                                    \
    mode_t mode = flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? va_arg(arguments, mode_t) : 0;  \
    va_end(arguments)

int open64(const char *path, int flags, ...)
{
    int (*real)(const char *, int, ...);
    find_real("open64", &real);
    TAKE_MODE(mode);
    if (getenv("FAULT_NO_TMPFILE") && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return fails("open64") ? -1 : real(path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...)
{
    int (*real)(int, const char *, int, ...);
    find_real("openat64", &real);
    TAKE_MODE(mode);
    return fails("openat64") ? -1 : real(at, path, flags, mode);
}

FAULTY(ssize_t, getrandom, (void *bytes, size_t length, unsigned flags), (bytes, length, flags), -1)

enum {
    OPENAT2 = 437,
    FCHMODAT2 = 452,
    LISTXATTRAT = 465
}; /* on all tested machines; older headers lack it */

/* Those that have no function of their own have at most five arguments. */
long syscall(long number, ...)
{
    long (*real)(long, ...);
    find_real("syscall", &real);
    va_list arguments;
    va_start(arguments, number);
    long given[5];
    for (int i = 0; i < 5; i++)
        given[i] = va_arg(arguments, long);
    va_end(arguments);
    if (number == OPENAT2 && number_of("FAULT_OPENAT2")) {
        errno = (int)number_of("FAULT_OPENAT2");
        return -1;
    }
    if ((number == FCHMODAT2 && getenv("FAULT_FCHMODAT")) ||
        (number == LISTXATTRAT && getenv("FAULT_LISTXATTRAT"))) {
        errno = ENOSYS;
        return -1;
    }
    return fails("syscall") ? -1 : real(number, given[0], given[1], given[2], given[3], given[4]);
}

int fchmodat(int at, const char *path, mode_t mode, int flags)
{
    int (*real)(int, const char *, mode_t, int);
    find_real("fchmodat", &real);
    if (getenv("FAULT_FCHMODAT") && (flags & AT_SYMLINK_NOFOLLOW)) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return real(at, path, mode, flags);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*begin)(void *),
                   void *argument)
{
    static long started;
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    find_real("pthread_create", &real);
    if (getenv("FAULT_THREADS") &&
        __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST) > number_of("FAULT_THREADS"))
        return EAGAIN;
    return real(thread, attributes, begin, argument);
}
