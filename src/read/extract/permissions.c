#include "read/extract/permissions.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of Linux 6.6, the same on all machines but alpha; not in older headers. */
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
 * Nobody else can put a link in the place of the name in a directory that is ours alone to write,
 * as those that were made for the extraction are. Then a call that follows links is safe.
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
    /* C libraries do this by procfs, and newer ones by the call of Linux 6.6. */
    if (fchmodat(directory, name, mode, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    if (errno == EPERM || errno == EROFS)
        return -1;
    return ask_kernel(directory, name, mode) == 0 ? 0 : follow_safely(directory, name, mode);
}
