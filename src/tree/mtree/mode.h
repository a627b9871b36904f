/*
 * The permissions of a manifest: "0644", or as chmod(1) takes them, "u=rwx,go=rx".
 */
#ifndef CRAMFS_TREE_MTREE_MODE_H
#define CRAMFS_TREE_MTREE_MODE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads them, up to 07777; changes are to a mode of 0, as mtree(8) has them, and who is not named
 * is everyone, whatever the umask. False when it is neither form.
 */
bool mtree_read_mode(const char *text, uint64_t *mode);

#endif
