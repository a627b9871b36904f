/*
 * Diagnostics: how the library says what went wrong.
 *
 * The library never prints and never exits. A function that can fail returns 0 or the negative of
 * one of the codes below, and adds to the caller's list one diagnostic for each thing that is
 * wrong: what it concerns (a path of the tree or of the file system), and a sentence with the value
 * that broke a rule, the rule, and the remedy. Checks that can go on do, so that a list may hold
 * many errors when the function returns.
 *
 * Every function that takes a list accepts NULL for it, and then only the code tells.
 */
#ifndef CRAMFS_DIAG_H
#define CRAMFS_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

enum cramfs_error {
    CRAMFS_ERR_MEMORY = 1, /* memory ran out */
    CRAMFS_ERR_IO,         /* the operating system refused to open, read or write */
    CRAMFS_ERR_LIMIT,      /* the input does not fit the format (cramfs-xip(5), "LIMITS") */
    CRAMFS_ERR_USAGE,      /* options that contradict each other or are out of range */
    CRAMFS_ERR_FORMAT,   /* the bytes of an image or of a compressed block are not what they must be
                          */
    CRAMFS_ERR_CHANGED,  /* a source file changed while the image was built */
    CRAMFS_ERR_INTERNAL, /* a proof of our own failed: a bug; no image is written */
};

enum cramfs_severity {
    CRAMFS_NOTE,
    CRAMFS_WARNING,
    CRAMFS_ERROR,
};

struct cramfs_diag {
    enum cramfs_severity severity;
    enum cramfs_error code;
    char *path; /* as bytes, NULL when it concerns no file */
    char *text; /* one line, without path, prefix or newline */
};

struct cramfs_diags {
    struct cramfs_diag *list;
    size_t list_count;
    size_t list_capacity;
    size_t errors; /* how many of them are errors, also counting any that found no memory */
};

/* A list starts as {0}. Free it with this; it is then empty and can be used again. */
void cramfs_diags_free(struct cramfs_diags *diags);

/*
 * Adds a diagnostic; `path` and the formatted text are copied. Returns -code, so that a failing
 * function can end with `return cramfs_fail(...)`.
 */
int cramfs_report(struct cramfs_diags *diags, enum cramfs_severity severity, enum cramfs_error code,
                  const char *path, const char *format, ...) __attribute__((format(printf, 5, 6)));

#define cramfs_fail(diags, code, path, ...)                                                        \
    cramfs_report(diags, CRAMFS_ERROR, code, path, __VA_ARGS__)

/* The diagnostic of every failed allocation. Returns -CRAMFS_ERR_MEMORY. */
int cramfs_fail_memory(struct cramfs_diags *diags);

/*
 * Prints the diagnostics of severity `least` and above on `out`, a line each: "PREFIX: PATH: TEXT",
 * with "warning: " or "note: " before the path. `prefix` (usually the program's name) and the path
 * of each may be missing. Paths are escaped. Errors that found no memory print as "out of memory".
 * The list stays as it is.
 */
void cramfs_diags_print(const struct cramfs_diags *diags, FILE *out, const char *prefix,
                        enum cramfs_severity least);

/*
 * A name or path as one printable line: control characters and the backslash become \n, \t, \\ or
 * \ooo; other bytes stay as they are (names are bytes, and usually UTF-8). At most `size` bytes
 * with the NUL are written; a longer one ends in "...". Returns `to`.
 */
char *cramfs_escape(const char *path, size_t length, char *to, size_t size);

CRAMFS_END_DECLARATIONS

#endif
