/* The permissions in a manifest: "0644", or in chmod(1)'s form, "u=rwx,go=rx". */
#ifndef CRAMFS_TREE_MTREE_MODE_H
#define CRAMFS_TREE_MTREE_MODE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads them, up to 07777. As in mtree(8), changes apply to a mode of 0, and without a class they
 * are for everyone, whatever the umask. False for any other form.
 */
bool mtree_read_mode(const char *text, uint64_t *mode);

#endif
