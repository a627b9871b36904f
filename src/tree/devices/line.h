/*
 * One line of a device table, taken apart; what it means is said in cramfs/device_table.h.
 */
#ifndef CRAMFS_TREE_DEVICES_LINE_H
#define CRAMFS_TREE_DEVICES_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "cramfs/diag.h"

/* In one range: as many devices as major and minor numbers of 8 bits each tell apart. */
enum { DEVICE_MOST_NODES = 65536 };

/* A uid or gid: a number, a name that is still to be looked up, or -1. */
struct device_owner {
    bool keep;
    const char *name; /* NULL when it is a number */
    uint32_t number;
};

/* Strings point into the line's text. */
struct device_line {
    const char *path; /* absolute, without ".." */
    char type;        /* one of fFdrlcbp */
    bool keep_mode;
    uint32_t mode;
    struct device_owner user;
    struct device_owner group;
    uint32_t major;
    uint32_t minor;
    uint32_t start;
    uint32_t increment;
    uint32_t count; /* 0: no range */
};

/*
 * Takes a line apart in place. `where` is the path for its errors. Returns 0, or -CRAMFS_ERR_FORMAT
 * with one error about the first thing that is wrong. Whatever it returns, a line->path of NULL
 * says that nothing is in the line.
 */
int device_line_parse(char *text, const char *where, struct cramfs_diags *diags,
                      struct device_line *line);

/* c, b and p: what a line makes, and a range is of. */
bool device_line_makes_nodes(const struct device_line *line);

/* A field as a message shows it, escaped and cut. */
enum { DEVICE_SHOWN_SIZE = 256 };
const char *device_shown(const char *field, char *to);

#endif
