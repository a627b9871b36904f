/*
 * The command line of mkcramfs-xip.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_OPTIONS_H
#define CRAMFS_CLI_MKCRAMFS_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "cramfs/owners.h"
#include "cramfs/plan.h"

struct arguments {
    struct cramfs_plan_options plan;
    bool xip_given;
    struct cramfs_id_rule uid;
    struct cramfs_id_rule gid;
    struct cramfs_id_map *maps[2]; /* of uids, of gids; the rules point there */
    size_t maps_capacity[2];
    const char **device_tables;
    size_t device_tables_count;
    size_t device_tables_capacity;
    struct cramfs_excludes excludes;
    char **patterns; /* of --exclude-from, to be freed */
    size_t patterns_count;
    size_t patterns_capacity;
    bool one_file_system;
    unsigned char boot_code[CRAMFS_BOOT_SIZE];
    uint64_t max_size; /* of the image with its padding */
    uint64_t pad_to;   /* a size, or 0 */
    bool pad_to_erase_block;
    uint64_t erase_block; /* of the flash; 0 when it was not said */
    unsigned char fill;
    bool verbose;
    bool quiet;
    const char *extents;
    const char **operands; /* each SOURCE, and IMAGE at the end */
    unsigned operands_count;
    const char *image; /* the last of them */
    unsigned sources;  /* how many come before it */
    FILE *out;         /* for messages: standard output, unless that is the image */
    struct cramfs_diags *diags;
};

/* Fills in what the command line says; ends the program when it is wrong, or asks for help. */
void parse_arguments(int argc, char **argv, struct arguments *arguments);
void free_arguments(struct arguments *arguments);

#endif
