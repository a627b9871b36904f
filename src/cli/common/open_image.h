/*
 * IMAGE and PATHs, and the options that say where in a file the image is and how to read it.
 * cramfsck and cramfs-dump have the same.
 */
#ifndef CRAMFS_CLI_COMMON_OPEN_IMAGE_H
#define CRAMFS_CLI_COMMON_OPEN_IMAGE_H

#include <stdbool.h>

#include "cli/common/common.h"
#include "cramfs/image.h"

struct open_arguments {
    const char *image;
    const char **paths; /* in the image */
    unsigned paths_count;
    struct cramfs_open_options options;
    bool scan; /* list the superblocks, and do nothing else */
};

enum {
    KEY_OFFSET = 0x200, /* beyond the programs' own, which begin with KEY_FIRST */
    KEY_SCAN,
};

/* Entries of an option table: which image in a file, and how to read it. */
/* clang-format off */
#define IMAGE_PLACE_OPTIONS(group)                                                                 \
    {"block-size", 'b', "SIZE", 0, "Page size, 4K to 64K; default: the best match", group},        \
    {"offset", KEY_OFFSET, "BYTES", 0, "The image begins BYTES into the file; default 0", group}
#define OPEN_IMAGE_OPTIONS(group)                                                                  \
    IMAGE_PLACE_OPTIONS(group),                                                                    \
    {"scan", KEY_SCAN, NULL, 0, "Only list the images in the file, with offsets", group}
/* clang-format on */

/*
 * Begins without operands, with room for those of a command line with that many words. Exits if
 * memory runs out.
 */
struct open_arguments open_arguments(int argc);
void free_open_arguments(struct open_arguments *arguments);

/* Takes an operand, or one of these options. Returns false for every other key. */
bool parse_open_option(int key, const char *value, struct open_arguments *arguments);

/* A usage error when no operand is the IMAGE. */
void need_image(const struct open_arguments *arguments);

/*
 * --scan: a line for each superblock of the file, or JSON, on standard output. Returns the exit
 * code: EXIT_CLEAN, EXIT_ERRORS_LEFT when a CRC is wrong, EXIT_OPERATIONAL when there is no
 * superblock.
 */
int scan_image(const char *path, bool json, struct cramfs_diags *diags);

#endif
