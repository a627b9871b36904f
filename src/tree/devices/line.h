/* Parses one line of a device table; cramfs/device_table.h says what it means. */
#ifndef CRAMFS_TREE_DEVICES_LINE_H
#define CRAMFS_TREE_DEVICES_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "cramfs/diag.h"

/* The most nodes of one range: all numbers that a major and a minor of 8 bits can make. */
enum { DEVICE_MOST_NODES = 65536 };

/* A uid or gid: a number, a name that must still be looked up, or -1. */
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
 * Parses a line in place. `where` is the path for its errors. Returns 0, or -CRAMFS_ERR_FORMAT with
 * one error about the first thing that is wrong. In any case, line->path is NULL if the line is
 * empty.
 */
int device_line_parse(char *text, const char *where, struct cramfs_diags *diags,
                      struct device_line *line);

/* The types c, b and p, which make nodes and can be ranges. */
bool device_line_makes_nodes(const struct device_line *line);

/* A field for a message, escaped and cut. */
enum { DEVICE_SHOWN_SIZE = 256 };
const char *device_shown(const char *field, char *to);

#endif
