/* Permissions of files that cannot be opened: fifos, sockets, devices. */
#ifndef CRAMFS_READ_EXTRACT_PERMISSIONS_H
#define CRAMFS_READ_EXTRACT_PERMISSIONS_H

#include <sys/types.h>

/*
 * Sets the permissions of `name` in an open directory; a link is never followed. Works without
 * procfs, too. Returns 0, or -1 with errno: EOPNOTSUPP where the kernel has no safe way to do it.
 */
int set_permissions_at(int directory, const char *name, mode_t mode);

#endif
