/*
 * Names as strvis(3) writes them.
 */
#ifndef CRAMFS_TREE_MTREE_ESCAPE_H
#define CRAMFS_TREE_MTREE_ESCAPE_H

#include <stdbool.h>

/*
 * Turns the escapes in a text into the bytes that they stand for, in place; it never grows. False
 * when one is none that strvis() writes, or stands for a NUL byte.
 */
bool mtree_unescape(char *text);

#endif
