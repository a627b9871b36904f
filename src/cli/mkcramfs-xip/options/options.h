/*
 * The command line of mkcramfs-xip, which depends on the name by which it is called.
 *
 * mkcramfs-xip has options of its own; as mkfs.cramfs it takes those of util-linux and as mkcramfs
 * those of cramfs-tools, with their defaults, for build systems that call these.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_OPTIONS_OPTIONS_H
#define CRAMFS_CLI_MKCRAMFS_XIP_OPTIONS_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/common/common.h"
#include "cramfs/owners.h"
#include "cramfs/plan.h"
#include "cramfs/tree.h"
#include "cramfs/what_if.h"

/*
 * Keys of options without a letter, and of those that other programs give the same letter. The
 * names of options are in the tables of this folder.
 */
enum mkcramfs_key {
    KEY_XIP = KEY_FIRST,
    KEY_XIP_RULES,
    KEY_XIP_STICKY,
    KEY_KERNEL,
    KEY_XIP_BUDGET,
    KEY_XIP_PROFILE,
    KEY_STALE_PROFILE,
    KEY_XIP_SPLIT,
    KEY_EXPLAIN,
    KEY_NO_HOLES,
    KEY_LEGACY,
    KEY_LEVEL,
    KEY_COMPRESSOR,
    KEY_QUIET,
    KEY_FORCE,
    KEY_STRICT,
    KEY_EXTENTS,
    KEY_DEPFILE,
    KEY_STATS,
    KEY_WHAT_IF,
    KEY_OWNER,
    KEY_UID_OFFSET,
    KEY_GID_OFFSET,
    KEY_MAP_UID,
    KEY_MAP_GID,
    KEY_EXCLUDE,
    KEY_EXCLUDE_FROM,
    KEY_ONE_FILE_SYSTEM,
    KEY_WHITEOUTS,
    KEY_MTREE_ROOT,
    KEY_SOURCE_OFFSET,
    KEY_SUBTREE,
    KEY_STRIP_COMPONENTS,
    KEY_INTO,
    KEY_ALLOW,
    KEY_BOOT_CODE,
    KEY_MAX_SIZE,
    KEY_MAX_UNPACKED,
    KEY_PAD_TO,
    KEY_FILL,
    KEY_FIT,
    KEY_ERASE_BLOCK,
    KEY_LIKE,
    KEY_SLACK,
    KEY_SWAP16,
    KEY_SWAP32,
    KEY_END,
};

/*
 * An operand, with the options before it that are for it alone. With such options it must be a
 * SOURCE.
 */
struct source_operand {
    const char *path;
    const char *option; /* the first of them, NULL when there is none */
    uint64_t offset;    /* where in the file an image begins */
    bool has_offset;
    struct cramfs_part part; /* of it that is taken, */
    bool has_part;           /* or all */
};

/* Each SOURCE, and IMAGE at the end. */
struct operands {
    struct source_operand *list;
    struct source_operand next; /* the options so far for the next */
    unsigned count;
    unsigned sources;  /* how many come before IMAGE */
    const char *image; /* the last of the list */
};

/* What to take from the sources, and which losses are allowed. */
struct source_arguments {
    const char **device_tables;
    size_t device_tables_count;
    size_t device_tables_capacity;
    struct cramfs_excludes excludes;
    char **patterns; /* that the list of excludes has, to be freed */
    size_t patterns_count;
    size_t patterns_capacity;
    bool one_file_system;
    bool whiteouts;
    uint32_t allow;         /* losses; see cramfs/loss.h */
    uint32_t allow_default; /* those that the name allows, but for -E */
    const char *mtree_root;
    uint64_t most_bytes; /* of the files of archives and images */
};

struct owner_arguments {
    struct cramfs_id_rule uid;
    struct cramfs_id_rule gid;
    struct cramfs_id_map *maps[2]; /* of uids, of gids; the rules point there */
    size_t maps_capacity[2];
};

/* What goes in place, in addition to struct cramfs_plan_options. */
struct xip_arguments {
    bool given;       /* --xip was */
    bool budget;      /* --xip-budget was */
    unsigned letters; /* how often -X was given */
    const char *profile_path;
    struct cramfs_profile *profile;
    const char **rule_files;
    size_t rule_files_count;
    size_t rule_files_capacity;
    bool sticky;
};

/* Bytes of files that go into the image as they are. */
struct form_arguments {
    unsigned char boot_code[CRAMFS_BOOT_SIZE];
    unsigned char *insert; /* to be freed */
};

/* The flash that the image goes to. */
struct flash_arguments {
    uint64_t max_size; /* of the image with its padding */
    uint64_t fit;      /* the same, from --fit; 0 when it was not given */
    uint64_t pad_to;   /* a size, or 0 */
    bool pad_to_erase_block;
    uint64_t erase_block; /* 0 when it was not given */
    const char *like;     /* an older image, or NULL */
    unsigned char fill;
};

/* The files that are written beside the image. */
struct output_arguments {
    const char *extents;
    const char *depfile;
    bool stats;
    const char *stats_file; /* NULL: standard error */
    bool what_if;           /* the curve on standard output, and nothing else */
    enum cramfs_what_if_form what_if_form;
};

struct message_arguments {
    bool verbose;
    bool explain;
    bool quiet;
};

struct arguments {
    struct cramfs_plan_options plan;
    struct operands operands;
    struct source_arguments sources;
    struct owner_arguments owners;
    struct xip_arguments xip;
    struct form_arguments form;
    struct flash_arguments flash;
    struct output_arguments outputs;
    struct message_arguments messages;
    bool strict;                     /* warnings are errors, except for --allow */
    bool force;                      /* replaces files that are read, and archives */
    struct cramfs_inputs inputs;     /* files that options and operands name */
    bool given[KEY_END - KEY_FIRST]; /* by key, the options without a letter */
    FILE *out;                       /* for messages: standard output, unless that is the image */
    struct cramfs_diags *diags;
};

/* Fills in what the command line says; ends the program when it is wrong, or asks for help. */
void parse_arguments(int argc, char **argv, struct arguments *arguments);
void free_arguments(struct arguments *arguments);

/*
 * Each handles a part of the options: takes a key with its value and returns true, or returns false
 * for a key of another part. A wrong value ends the program.
 */
bool parse_plain_option(int key, const char *value, struct arguments *arguments);
bool parse_source_option(int key, const char *value, struct arguments *arguments);
bool parse_image_option(int key, const char *value, struct arguments *arguments);
bool parse_flash_option(int key, const char *value, struct arguments *arguments);

/* Takes an operand, with the options for it. */
void take_operand(struct operands *operands, const char *path);

/*
 * Ends the program when there is no SOURCE or no IMAGE, when IMAGE is a directory, or when no
 * SOURCE follows the options of a SOURCE.
 */
void check_operands(const struct operands *operands);

/* "text", "json", "csv" or "svg"; NULL is the first. Ends the program for any other word. */
void parse_what_if(const char *value, struct arguments *arguments);

/*
 * Applies --what-if to the other options: refuses those that are only for an image, lets IMAGE be
 * left out, and marks a bound. Ends the program when the options are wrong.
 */
void conclude_what_if(struct arguments *arguments);

/* Remembers a file that an option names as an input of the image. */
void note_input(struct arguments *arguments, const char *path);

#endif
