/*
 * The command line of cramfs-dump, parsed.
 */
#ifndef CRAMFS_CLI_CRAMFS_DUMP_OPTIONS_H
#define CRAMFS_CLI_CRAMFS_DUMP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/common/open_image.h"
#include "cramfs/mapping.h"

/* The modes: one at a time. */
enum dump_mode {
    DUMP_LIST,
    DUMP_SUPER,
    DUMP_CAT,
    DUMP_STAT,
    DUMP_EXTENTS,
    DUMP_DU,
    DUMP_MAP,
    DUMP_MTREE,
    DUMP_DEVICE_TABLE,
    DUMP_TAR,
    DUMP_DIFF,
    DUMP_HTML,
    DUMP_MODES_COUNT, /* how many there are */
};

struct dump_arguments {
    enum dump_mode mode;
    struct open_arguments open; /* its paths: also the values of --cat and --stat */
    const char *new_image;      /* of --diff; of --html, when there are two; else NULL */
    bool detailed;
    bool recursive;
    bool json;
    bool svg;
    bool blocks;        /* of --diff: the erase blocks that differ */
    const char *update; /* of --diff: the file that is written; NULL: none */
    uint32_t depth;     /* of --du */
    bool depth_given;
    const char *html;    /* the file that is written; NULL: standard output */
    const char *profile; /* of --html; NULL: none */
    const char *what_if; /* of --html; NULL: none */
    enum cramfs_kernel kernel;
    bool kernel_given;
    uint64_t max_extract; /* bytes of --tar */
    uint64_t erase_block; /* 0: not given */
};

/* Parses, or exits as parse_command_line() does. */
void dump_parse(int argc, char **argv, struct dump_arguments *arguments);

#endif
