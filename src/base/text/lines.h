/*
 * Text files that users write, with one entry on each line: device tables, rules.
 *
 * Lines end in LF or CR LF; the last one may end without. Lines after a wrong one are read, too, so
 * that everything wrong is reported.
 */
#ifndef CRAMFS_BASE_TEXT_LINES_H
#define CRAMFS_BASE_TEXT_LINES_H

#include <stddef.h>

#include "cramfs/diag.h"

/* A file with more bytes is some other kind of file. */
enum { LINES_MOST_BYTES = 16 << 20 };

struct lines {
    const char *what; /* kind of file, for errors: "device table" */
    size_t most;      /* bytes of a line, without its end */
    /*
     * Takes a line, which it may change, without its LF; `where` is "FILE:LINE". Returns 0, or a
     * code after it has added a diagnostic.
     */
    int (*take)(void *context, const char *where, char *line);
    void *context;
};

/*
 * Reads the file and calls `take` for each line. A line with a NUL or too many bytes is an error.
 * Returns 0; -CRAMFS_ERR_IO when the file cannot be read; -CRAMFS_ERR_FORMAT when a line is such an
 * error, or the file is another kind of file; what `take` returned for the last wrong line; or
 * -CRAMFS_ERR_MEMORY, which is the only error that ends the reading.
 */
int lines_read(const struct lines *lines, const char *path, struct cramfs_diags *diags);

#endif
