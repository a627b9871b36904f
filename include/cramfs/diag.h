/*
 * Diagnostics: how the library says what went wrong.
 *
 * The library never prints and never exits. A function that can fail returns 0 or the negative of
 * one of the codes below, and adds one diagnostic to the caller's list for each thing that is
 * wrong: its path (of the tree or of the file system), a sentence with the rule and the value that
 * broke it, and the remedy. Checks go on where they can, so a list may hold many errors when the
 * function returns.
 *
 * The library does not know the options of the program that uses it. A remedy that is an option has
 * a number (enum cramfs_remedy), and the program has its own words for that number.
 *
 * Every function that takes a list accepts NULL for it; then the returned code is the only report.
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
    CRAMFS_ERR_FORMAT,     /* an image or a compressed block is damaged or no cramfs */
    CRAMFS_ERR_CHANGED,    /* a source file changed while the image was built */
    CRAMFS_ERR_INTERNAL,   /* a proof of the result failed: a bug; no image is written */
};

enum cramfs_severity {
    CRAMFS_NOTE,
    CRAMFS_ALLOWED, /* a warning of what the caller has allowed: a loss, an old profile */
    CRAMFS_WARNING,
    CRAMFS_ERROR,
};

/* What a caller can suggest to its user: the value or option of the library that ends the error. */
enum cramfs_remedy {
    CRAMFS_REMEDY_NONE,
    CRAMFS_REMEDY_ALLOW,         /* a tree that allows the loss; value: its name */
    CRAMFS_REMEDY_ALLOW_SOURCE,  /* the same for a loss of a whole source; value: the loss's name */
    CRAMFS_REMEDY_ALLOW_DAMAGED, /* a tree that allows CRAMFS_LOSS_DAMAGED */
    CRAMFS_REMEDY_ALLOW_OWNER,   /* that, or cramfs_tree_set_owners(); value: the loss's name */
    CRAMFS_REMEDY_MOST_BYTES,    /* a larger cramfs_tree.most_bytes */
    CRAMFS_REMEDY_OWNERS,        /* cramfs_tree_set_owners() */
    CRAMFS_REMEDY_WHITEOUTS,     /* a tree with whiteouts */
    CRAMFS_REMEDY_PIPE,          /* an archive from a command; value: the command */
    CRAMFS_REMEDY_MTREE_ROOT,    /* another directory for the files of a manifest */
    CRAMFS_REMEDY_STALE_PROFILE, /* cramfs_plan_options.stale_profile */
    CRAMFS_REMEDY_NO_LIKE,       /* no cramfs_plan_options.like */
    CRAMFS_REMEDY_LIKE_DAMAGED,  /* that; a check says all that is wrong with the older image */
    CRAMFS_REMEDY_LIKE_ORDER,    /* that, or the older image's byte order; value: little or big */
    CRAMFS_REMEDY_LIKE_PAGES,    /* that, or its page size; value: bytes */
    CRAMFS_REMEDY_LIKE_KERNEL,   /* that, or its kind of kernel; value: mmu or nommu */
    CRAMFS_REMEDY_LIKE_SWAP,     /* that, or its swap; value: the bits of a word, 16 or 32 */
    CRAMFS_REMEDY_LIKE_NO_SWAP,  /* that, or no swap */
    CRAMFS_REMEDY_SLACK,         /* cramfs_plan_options.slack and .most_bytes */
    CRAMFS_REMEDY_SCAN,          /* cramfs_scan() finds where superblocks are */
    CRAMFS_REMEDY_PAGE_SIZE,     /* cramfs_open_options.page_size */
    CRAMFS_REMEDY_CHECK,         /* a check says all that is wrong with the image */
    CRAMFS_REMEDY_REPLACE,       /* cramfs_extract_options.force */
    CRAMFS_REMEDY_PRIVILEGED,    /* cramfs_extract_options.privileged */
    CRAMFS_REMEDY_MAX_EXTRACT,   /* cramfs_extract_options.max_bytes */
    CRAMFS_REMEDY_FULL_MANIFEST, /* a manifest instead of a device table */
    CRAMFS_REMEDIES,             /* how many there are */
};

struct cramfs_diag {
    enum cramfs_severity severity;
    enum cramfs_error code;
    char *path; /* as bytes, NULL when it concerns no file */
    char *text; /* one line, without path, prefix or newline */
    enum cramfs_remedy remedy;
    char *remedy_value; /* NULL when the remedy has none */
};

struct cramfs_diags {
    struct cramfs_diag *list;
    size_t list_count;
    size_t list_capacity;
    size_t errors;    /* how many are errors, also those that found no memory */
    bool newest_lost; /* there was no memory for the newest one */
};

/* A list starts as {0}. Free it with this function; it is then empty and can be used again. */
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
 * Prints the diagnostics of severity `least` and above on `out`, one line each: "PREFIX: PATH:
 * TEXT", with "warning: " (for CRAMFS_ALLOWED, too) or "note: " before the path. `prefix` (usually
 * the program's name) may be NULL, and a diagnostic may have no path. Paths and texts are escaped.
 * Errors that found no memory print as "out of memory". The list does not change.
 *
 * `remedies` has the caller's words for each remedy, by number (CRAMFS_REMEDIES elements, NULL
 * where the caller has no words). They follow the text after "; ", with the remedy's value for the
 * first "%s" in them. NULL for a caller without any.
 */
void cramfs_diags_print(const struct cramfs_diags *diags, FILE *out, const char *prefix,
                        enum cramfs_severity least, const char *const *remedies);

/*
 * Writes a name or path as one printable line. The backslash, control characters (U+0000 to U+001F,
 * U+007F to U+009F, and bytes 0x80 to 0x9f that are not UTF-8) and format characters (Unicode's
 * categories Cf, Zl and Zp: bidirectional overrides, joiners, line separators) become \n, \t, \\,
 * or \ooo for each of their bytes. Other bytes stay as they are (names are bytes, and usually
 * UTF-8). Writes at most `size` bytes with the NUL; a longer result ends in "...". Returns `to`.
 */
char *cramfs_escape(const char *path, size_t length, char *to, size_t size);

/* Room for any name of that many bytes, with the NUL. */
#define CRAMFS_ESCAPED_SIZE(length) (4 * (length) + 4)

/*
 * Writes a text that may hold names, some already escaped: as cramfs_escape() does, but a backslash
 * stays.
 */
void cramfs_print_text(FILE *out, const char *text);

CRAMFS_END_DECLARATIONS

#endif
