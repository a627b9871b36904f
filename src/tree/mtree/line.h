/*
 * One line of an mtree manifest, taken apart.
 *
 * A line is a name and words behind it, each a keyword or keyword=value; or /set, whose words hold
 * for all lines that follow; or /unset, which ends that for the keywords it names. Blanks and other
 * bytes that would end a word are written as strvis(3) writes them: "\040", "\s", "\M-C".
 *
 * Not libarchive's reader: it keeps to itself what contents= and optional say, and which keywords
 * a line has at all; it knows no sockets, and not those forms of strvis() that NetBSD's mtree
 * writes for all that is not ASCII.
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
    MTREE_UP, /* "..": the directory at work ends */
};

enum { MTREE_WORDS = 64 };

struct mtree_line {
    enum mtree_kind kind;
    char *name;     /* of an entry, as it is in the tree */
    bool full_path; /* the name is a path from the root, and not one in the directory at work */
    char *words[MTREE_WORDS]; /* behind, or with `mtree -D` before the name */
    unsigned words_count;
};

/* Whether text is a manifest, by its beginning: "#mtree", or the first line that says something. */
bool mtree_recognise(const char *text, size_t length);

/*
 * Splits a line, in place. Returns 0 or -CRAMFS_ERR_FORMAT; `where` ("FILE:LINE") is the
 * diagnostic's path.
 */
int mtree_line_split(char *text, const char *where, struct cramfs_diags *diags,
                     struct mtree_line *line);

#endif
