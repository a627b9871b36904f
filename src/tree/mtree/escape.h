/* Names as strvis(3) writes them. */
#ifndef CRAMFS_TREE_MTREE_ESCAPE_H
#define CRAMFS_TREE_MTREE_ESCAPE_H

#include <stdbool.h>

/*
 * Replaces the escapes in a text by their bytes, in place; it never grows. False for an escape that
 * strvis() does not write, or that is a NUL byte.
 */
bool mtree_unescape(char *text);

#endif
