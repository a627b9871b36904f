/*
 * Parses one line of an mtree manifest.
 *
 * A line is a name followed by words, each a keyword or keyword=value. Or it is /set, whose words
 * hold for all lines that follow; or /unset, which ends that for its keywords. Blanks and other
 * bytes that would end a word are written as strvis(3) writes them: "\040", "\s", "\M-C".
 *
 * libarchive's reader is not used: it does not report contents= and optional, nor which keywords a
 * line has at all. It knows no sockets, and not the forms of strvis() that NetBSD's mtree writes
 * for all that is not ASCII.
 */
#ifndef CRAMFS_TREE_MTREE_LINE_H
#define CRAMFS_TREE_MTREE_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "cramfs/diag.h"

enum mtree_kind {
    MTREE_NOTHING, /* blank, or a comment */
    MTREE_ENTRY,
    MTREE_SET,
    MTREE_UNSET,
    MTREE_UP, /* "..": the current directory ends */
};

enum { MTREE_WORDS = 64 };

struct mtree_line {
    enum mtree_kind kind;
    char *name;     /* of an entry, as in the tree */
    bool full_path; /* the name is a path from the root, not a name in the current directory */
    char *words[MTREE_WORDS]; /* after the name; with `mtree -D` before it */
    unsigned words_count;
};

/*
 * Whether text is a manifest: it begins with "#mtree", or its first line that is not empty belongs
 * to one.
 */
bool mtree_recognise(const char *text, size_t length);

/*
 * Splits a line, in place. Returns 0 or -CRAMFS_ERR_FORMAT; `where` ("FILE:LINE") is the
 * diagnostic's path.
 */
int mtree_line_split(char *text, const char *where, struct cramfs_diags *diags,
                     struct mtree_line *line);

#endif
