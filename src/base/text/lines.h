/*
 * Text files that users write, one line a thing: device tables, rules.
 *
 * Lines end in LF or CR LF, the last one may end without. Every line is taken, also behind one that
 * is wrong, so that all that is wrong is told.
 */
#ifndef CRAMFS_BASE_TEXT_LINES_H
#define CRAMFS_BASE_TEXT_LINES_H

#include <stddef.h>

#include "cramfs/diag.h"

/* A file with more bytes is some other file. */
enum { LINES_MOST_BYTES = 16 << 20 };

struct lines {
    const char *what; /* the file is, for errors: "device table" */
    size_t most;      /* bytes of a line, without its end */
    /*
     * Takes a line, which it may change, without its LF; `where` is "FILE:LINE". Returns 0, or a
     * code after its diagnostic.
     */
    int (*take)(void *context, const char *where, char *line);
    void *context;
};

/*
 * Reads the file and has each line taken, but those with a NUL or too many bytes, which are errors.
 * Returns 0; -CRAMFS_ERR_IO when the file cannot be read; -CRAMFS_ERR_FORMAT when a line, or the
 * file, cannot be what it should; what `take` returned for the last line that was wrong; or
 * -CRAMFS_ERR_MEMORY, which alone ends the reading.
 */
int lines_read(const struct lines *lines, const char *path, struct cramfs_diags *diags);

#endif
