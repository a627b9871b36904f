#include "read/extract/permissions.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A call of Linux 6.6, with one number on all machines except alpha; older headers lack it. */
#if !defined(SYS_fchmodat2) && !defined(__alpha__)
#define SYS_fchmodat2 452
#endif

static int ask_kernel(int directory, const char *name, mode_t mode)
{
#ifdef SYS_fchmodat2
    return (int)syscall(SYS_fchmodat2, directory, name, mode, AT_SYMLINK_NOFOLLOW);
#else
    (void)directory;
    (void)name;
    (void)mode;
    errno = ENOSYS;
    return -1;
#endif
}

/*
 * A call that follows links is safe in a directory that only we can write: nobody else can put a
 * link in the place of the name. The directories that the extraction makes are safe in this way.
 */
static int follow_safely(int directory, const char *name, mode_t mode)
{
    struct stat holder;
    struct stat held;
    if (fstat(directory, &holder) != 0 || fstatat(directory, name, &held, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    if (holder.st_uid == geteuid() && !(holder.st_mode & (S_IWGRP | S_IWOTH)) &&
        !S_ISLNK(held.st_mode))
        return fchmodat(directory, name, mode, 0);
    errno = EOPNOTSUPP;
    return -1;
}

int set_permissions_at(int directory, const char *name, mode_t mode)
{
    /* C libraries do this through procfs, newer ones with a call of Linux 6.6. */
    if (fchmodat(directory, name, mode, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    if (errno == EPERM || errno == EROFS)
        return -1;
    return ask_kernel(directory, name, mode) == 0 ? 0 : follow_safely(directory, name, mode);
}
