/* The rows of a profile: reads its text, as <cramfs/profile.h> describes it, row by row. */
#ifndef CRAMFS_XIP_PROFILE_ROWS_H
#define CRAMFS_XIP_PROFILE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "cramfs/diag.h"

struct profile_row {
    const char *path; /* from the root, without a slash before it; in the text */
    uint64_t offset;
    uint64_t count;
    const char *id;     /* the contents' id, in the text; NULL when the row has none */
    uint32_t processes; /* at least 1; 0 when the row does not say */
    size_t line;
};

struct profile_rows {
    struct profile_row *list; /* in the order of the text */
    size_t list_count;
    size_t list_capacity;
};

/*
 * Reads all rows. `text` has room for a NUL after its `length` bytes; it is overwritten, and the
 * rows point into it. `path` names the profile in errors. Returns 0; -CRAMFS_ERR_FORMAT, with an
 * error for each row that cannot be read, or one for the header; or -CRAMFS_ERR_MEMORY, without a
 * diagnostic. Free `rows->list` in any case.
 */
int profile_rows_read(const char *path, char *text, size_t length, struct profile_rows *rows,
                      struct cramfs_diags *diags);

/* Adds an error about one line of the profile, and returns -CRAMFS_ERR_FORMAT. */
int profile_fail(const char *path, size_t line, const char *what, struct cramfs_diags *diags);

/* The path without leading slashes or "./". */
const char *profile_from_root(const char *path);

#endif
