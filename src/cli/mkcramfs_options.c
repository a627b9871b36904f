#include "cli/mkcramfs_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/pool.h"
#include "cli/common.h"

enum {
    KEY_XIP = KEY_FIRST,
    KEY_KERNEL,
    KEY_NO_HOLES,
    KEY_LEGACY,
    KEY_LEVEL,
    KEY_COMPRESSOR,
    KEY_QUIET,
    KEY_EXTENTS,
    KEY_OWNER,
    KEY_UID_OFFSET,
    KEY_GID_OFFSET,
    KEY_MAP_UID,
    KEY_MAP_GID,
    KEY_EXCLUDE,
    KEY_EXCLUDE_FROM,
    KEY_ONE_FILE_SYSTEM,
    KEY_BOOT_CODE,
    KEY_MAX_SIZE,
    KEY_PAD_TO,
    KEY_FILL,
    KEY_ERASE_BLOCK,
};

static const struct argp_option option_list[] = {
    {NULL, 0, NULL, 0, "What goes into the image:", 0},
    {"exclude", KEY_EXCLUDE, "GLOB", 0, "Leave out what fits GLOB, with all below it", 0},
    {"exclude-from", KEY_EXCLUDE_FROM, "FILE", 0, "The same with each line of FILE", 0},
    {"device-table", 'D', "FILE", 0,
     "Apply a device table in the format of makedevs; what it says of owners counts", 0},
    {"one-file-system", KEY_ONE_FILE_SYSTEM, NULL, 0, "Enter no other file system", 0},
    {NULL, 0, NULL, 0, "What goes in place:", 1},
    {"xip", KEY_XIP, "WHAT", 0,
     "readonly or auto: every page of a read-only segment of a program (the default); text: of an "
     "executable one; all: whole programs; none: nothing",
     1},
    {"kernel", KEY_KERNEL, "KERNEL", 0,
     "Whose mappings count: mmu (the default), or nommu: bFLT and FDPIC", 1},
    {NULL, 0, NULL, 0, "The image:", 2},
    {"endian", 'N', "ORDER", 0, "Byte order of the target: little (the default), big, host", 2},
    {"block-size", 'b', "SIZE", 0, "Page size of the target: 4K (the default), 8K, 16K, 32K or 64K",
     2},
    {"name", 'n', "NAME", 0, "Name of the volume, at most 16 bytes", 2},
    {"edition", 'e', "NUMBER", 0, "Edition number in the superblock", 2},
    {"no-holes", KEY_NO_HOLES, NULL, 0, "Store blocks of zeroes, too", 2},
    {"legacy", KEY_LEGACY, NULL, 0,
     "Only what kernels before 4.15, U-Boot and old tools read: nothing in place, shared or "
     "stored raw",
     2},
    {"pad", 'p', NULL, 0, "Leave the first 512 bytes to boot code", 2},
    {"boot-code", KEY_BOOT_CODE, "FILE", 0, "Put FILE, at most 512 bytes, there", 2},
    {"max-size", KEY_MAX_SIZE, "SIZE", 0, "Write nothing that is larger, and say what is", 2},
    {"pad-to", KEY_PAD_TO, "SIZE", 0,
     "Fill up to SIZE, or with the word erase-block to a multiple of that", 2},
    {"erase-block", KEY_ERASE_BLOCK, "SIZE", 0, "Size of an erase block of the flash", 2},
    {"fill", KEY_FILL, "BYTE", 0, "What to fill with: 0xff (the default) or 0x00", 2},
    {NULL, 0, NULL, 0, "Ownership:", 3},
    {"all-root", 'q', NULL, 0, "Everything belongs to uid 0 and gid 0", 3},
    {"owner", KEY_OWNER, "UID:GID", 0, "Everything belongs to UID and GID", 3},
    {"map-uid", KEY_MAP_UID, "FROM:TO", 0, "What belongs to uid FROM belongs to TO", 3},
    {"map-gid", KEY_MAP_GID, "FROM:TO", 0, "What belongs to gid FROM belongs to TO", 3},
    {"uid-offset", KEY_UID_OFFSET, "NUMBER", 0, "Add NUMBER to the uids that no --map-uid has", 3},
    {"gid-offset", KEY_GID_OFFSET, "NUMBER", 0, "Add NUMBER to the gids that no --map-gid has", 3},
    {NULL, 0, NULL, 0, "Compression:", 4},
    {"compressor", KEY_COMPRESSOR, "NAME", 0, "libdeflate (the default where built in) or zlib", 4},
    {"level", KEY_LEVEL, "LEVEL", 0, "1 (fast) to 12 (small), to 9 with zlib; default 6", 4},
    {"jobs", 'j', "JOBS", 0, "Threads to compress with; default: one a processor", 4},
    {NULL, 0, NULL, 0, "Messages:", 5},
    {"extents", KEY_EXTENTS, "FILE", 0,
     "Write the planned extents to FILE, as cramfs-dump --extents prints those it finds", 5},
    {"verbose", 'v', NULL, 0, "Say of each file what goes in place, and why", 5},
    {"quiet", KEY_QUIET, NULL, 0, "Print nothing but errors", 5},
    {COMMON_HELP},
    {COMMON_VERSION},
    {0},
};

/* What only all options together tell. */
static void conclude(struct arguments *arguments)
{
    struct cramfs_plan_options *plan = &arguments->plan;
    if (arguments->operands_count < 2)
        usage_error("at least one SOURCE, and IMAGE, are wanted");
    arguments->sources = arguments->operands_count - 1;
    arguments->image = arguments->operands[arguments->sources];
    if (!cramfs_compressor_name(plan->compressor))
        usage_error("--compressor: this build does not have it");
    int highest = cramfs_compressor_max_level(plan->compressor);
    if (plan->level > highest)
        usage_error("--level: %d is over the %d of %s", plan->level, highest,
                    cramfs_compressor_name(plan->compressor));
    if (arguments->pad_to_erase_block && !arguments->erase_block)
        usage_error("--pad-to=erase-block wants --erase-block, too");
    if (plan->legacy && arguments->xip_given && plan->xip != CRAMFS_XIP_NONE)
        usage_error("--legacy images have nothing in place; leave out --xip");
}

static void parse_layout_option(int key, const char *value, struct cramfs_plan_options *plan)
{
    static const char *const orders[] = {"little", "big", "host", NULL};
    static const enum cramfs_order order_values[] = {CRAMFS_LITTLE, CRAMFS_BIG};
    unsigned order;
    switch (key) {
    case 'N':
        order = parse_choice("--endian", value, orders);
        plan->order = order == 2 ? cramfs_host_order() : order_values[order];
        break;
    case 'b':
        plan->page_size = parse_page_size(value);
        break;
    case 'n':
        if (strlen(value) > 16)
            usage_error("--name: '%s' has %zu bytes, over the format's 16", value, strlen(value));
        plan->name = value;
        break;
    case 'e':
        plan->edition = (uint32_t)parse_number("--edition", value, 0, UINT32_MAX);
        break;
    default: /* no other key comes here */
        break;
    }
}

static void parse_xip_option(int key, const char *value, struct arguments *arguments)
{
    static const char *const kernels[] = {"mmu", "nommu", NULL};
    static const enum cramfs_kernel kernel_values[] = {CRAMFS_KERNEL_MMU, CRAMFS_KERNEL_NOMMU};
    static const char *const xips[] = {"none", "text", "readonly", "auto", "all", NULL};
    static const enum cramfs_xip xip_values[] = {
        CRAMFS_XIP_NONE, CRAMFS_XIP_TEXT, CRAMFS_XIP_READONLY, CRAMFS_XIP_READONLY, CRAMFS_XIP_ALL};
    if (key == KEY_KERNEL) {
        arguments->plan.kernel = kernel_values[parse_choice("--kernel", value, kernels)];
        return;
    }
    arguments->plan.xip = xip_values[parse_choice("--xip", value, xips)];
    arguments->xip_given = true;
}

static void parse_compression_option(int key, const char *value, struct cramfs_plan_options *plan)
{
    static const char *const compressors[] = {"libdeflate", "zlib", NULL};
    if (key == KEY_COMPRESSOR)
        plan->compressor = parse_choice("--compressor", value, compressors) == 0
                               ? CRAMFS_COMPRESSOR_LIBDEFLATE
                               : CRAMFS_COMPRESSOR_ZLIB;
    else if (key == KEY_LEVEL)
        plan->level = (int)parse_number("--level", value, 1, 12);
    else
        plan->jobs = parse_jobs(value);
}

static void add_exclude(struct arguments *arguments, const char *pattern)
{
    struct cramfs_excludes *excludes = &arguments->excludes;
    if (!*pattern || strcmp(pattern, "/") == 0)
        usage_error("--exclude: '%s' would leave out everything or nothing", pattern);
    if (!ARRAY_GROW(excludes, list))
        exit(EXIT_OPERATIONAL);
    excludes->list[excludes->list_count++] = (struct cramfs_exclude){.pattern = pattern};
}

/* A pattern a line; empty lines and those that begin with # do not count. */
static void read_excludes(struct arguments *arguments, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    if (!file)
        usage_error("--exclude-from: %s: %s", path, strerror(errno));
    for (ssize_t length; (length = getline(&line, &capacity, file)) >= 0;) {
        while (length && (line[length - 1] == '\n' || line[length - 1] == '\r'))
            line[--length] = '\0';
        if (!length || line[0] == '#')
            continue;
        if (!ARRAY_GROW(arguments, patterns) ||
            !(arguments->patterns[arguments->patterns_count] = strdup(line)))
            exit(EXIT_OPERATIONAL);
        add_exclude(arguments, arguments->patterns[arguments->patterns_count++]);
    }
    if (ferror(file))
        usage_error("--exclude-from: %s: %s", path, strerror(errno));
    free(line);
    fclose(file);
}

static void read_boot_code(struct arguments *arguments, const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t length = 0;
    if (file)
        length = fread(arguments->boot_code, 1, sizeof(arguments->boot_code), file);
    if (!file || ferror(file))
        usage_error("--boot-code: %s: %s", path, strerror(errno));
    if (length == sizeof(arguments->boot_code) && fgetc(file) != EOF)
        usage_error("--boot-code: %s has more than the %u bytes that there are", path,
                    CRAMFS_BOOT_SIZE);
    fclose(file);
    arguments->plan.boot_area = true;
    arguments->plan.boot_code = arguments->boot_code;
}

static void parse_size_option(int key, const char *value, struct arguments *arguments)
{
    static const char *const fills[] = {"0xff", "0x00", NULL};
    switch (key) {
    case KEY_MAX_SIZE:
        arguments->max_size = parse_size("--max-size", value, 0, UINT64_MAX);
        break;
    case KEY_PAD_TO:
        arguments->pad_to_erase_block = strcmp(value, "erase-block") == 0;
        arguments->pad_to =
            arguments->pad_to_erase_block ? 0 : parse_size("--pad-to", value, 1, (uint64_t)1 << 40);
        break;
    case KEY_ERASE_BLOCK:
        arguments->erase_block = parse_size("--erase-block", value, 1, (uint64_t)1 << 30);
        break;
    case KEY_FILL:
        arguments->fill = parse_choice("--fill", value, fills) == 0 ? 0xff : 0x00;
        break;
    default: /* no other key comes here */
        break;
    }
}

static struct cramfs_id_rule *rule_of(struct arguments *arguments, unsigned which)
{
    return which == 0 ? &arguments->uid : &arguments->gid;
}

/* "12:34" as two numbers. */
static void parse_pair(const char *option, const char *text, uint32_t pair[2])
{
    const char *colon = strchr(text, ':');
    char first[24];
    if (!colon || (size_t)(colon - text) >= sizeof(first))
        usage_error("%s: '%s' is not two numbers with a colon between", option, text);
    memcpy(first, text, (size_t)(colon - text));
    first[colon - text] = '\0';
    pair[0] = (uint32_t)parse_number(option, first, 0, UINT32_MAX);
    pair[1] = (uint32_t)parse_number(option, colon + 1, 0, UINT32_MAX);
}

static void add_map(struct arguments *arguments, unsigned which, const char *option,
                    const char *text)
{
    struct cramfs_id_rule *rule = rule_of(arguments, which);
    uint32_t pair[2];
    parse_pair(option, text, pair);
    if (!array_reserve(&arguments->maps[which], sizeof(struct cramfs_id_map), rule->maps_count,
                       &arguments->maps_capacity[which], 1))
        exit(EXIT_OPERATIONAL);
    arguments->maps[which][rule->maps_count++] = (struct cramfs_id_map){pair[0], pair[1]};
    rule->maps = arguments->maps[which];
}

/* A sign is allowed: uids can be moved down, too. */
static int64_t parse_offset(const char *option, const char *text)
{
    bool down = text[0] == '-';
    int64_t offset = (int64_t)parse_number(option, text + down, 0, UINT32_MAX);
    return down ? -offset : offset;
}

static void set_owner(struct arguments *arguments, uint32_t uid, uint32_t gid)
{
    arguments->uid.all = true;
    arguments->uid.all_to = uid;
    arguments->gid.all = true;
    arguments->gid.all_to = gid;
}

static void parse_owner_option(int key, const char *value, struct arguments *arguments)
{
    uint32_t owner[2] = {0, 0};
    switch (key) {
    case KEY_OWNER:
        parse_pair("--owner", value, owner);
        /* fall through */
    case 'q':
        set_owner(arguments, owner[0], owner[1]);
        break;
    case KEY_MAP_UID:
        add_map(arguments, 0, "--map-uid", value);
        break;
    case KEY_MAP_GID:
        add_map(arguments, 1, "--map-gid", value);
        break;
    case KEY_UID_OFFSET:
        arguments->uid.offset = parse_offset("--uid-offset", value);
        break;
    case KEY_GID_OFFSET:
        arguments->gid.offset = parse_offset("--gid-offset", value);
        break;
    default: /* no other key comes here */
        break;
    }
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        arguments->operands[arguments->operands_count++] = value;
        return 0;
    case ARGP_KEY_END:
        conclude(arguments);
        return 0;
    case KEY_XIP:
    case KEY_KERNEL:
        parse_xip_option(key, value, arguments);
        return 0;
    case 'N':
    case 'b':
    case 'n':
    case 'e':
        parse_layout_option(key, value, &arguments->plan);
        return 0;
    case 'D':
        if (!ARRAY_GROW(arguments, device_tables))
            exit(EXIT_OPERATIONAL);
        arguments->device_tables[arguments->device_tables_count++] = value;
        return 0;
    case KEY_EXCLUDE:
        add_exclude(arguments, value);
        return 0;
    case KEY_EXCLUDE_FROM:
        read_excludes(arguments, value);
        return 0;
    case KEY_ONE_FILE_SYSTEM:
        arguments->one_file_system = true;
        return 0;
    case 'p':
        arguments->plan.boot_area = true;
        return 0;
    case KEY_BOOT_CODE:
        read_boot_code(arguments, value);
        return 0;
    case KEY_MAX_SIZE:
    case KEY_PAD_TO:
    case KEY_ERASE_BLOCK:
    case KEY_FILL:
        parse_size_option(key, value, arguments);
        return 0;
    case KEY_COMPRESSOR:
    case KEY_LEVEL:
    case 'j':
        parse_compression_option(key, value, &arguments->plan);
        return 0;
    case 'q':
    case KEY_OWNER:
    case KEY_UID_OFFSET:
    case KEY_GID_OFFSET:
    case KEY_MAP_UID:
    case KEY_MAP_GID:
        parse_owner_option(key, value, arguments);
        return 0;
    case KEY_NO_HOLES:
        arguments->plan.holes = false;
        return 0;
    case KEY_LEGACY:
        arguments->plan.legacy = true;
        return 0;
    case KEY_EXTENTS:
        arguments->extents = value;
        return 0;
    case 'v':
    case KEY_QUIET: /* the last one counts */
        arguments->verbose = key == 'v';
        arguments->quiet = key == KEY_QUIET;
        return 0;
    default:
        parse_common(key, state);
        return ARGP_ERR_UNKNOWN;
    }
}

/* Also by a name of the system's, /dev/stdout. */
static bool is_standard_output(const char *path)
{
    struct stat image;
    struct stat out;
    if (strcmp(path, "-") == 0)
        return true;
    return stat(path, &image) == 0 && fstat(STDOUT_FILENO, &out) == 0 &&
           image.st_dev == out.st_dev && image.st_ino == out.st_ino;
}

void parse_arguments(int argc, char **argv, struct arguments *arguments)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse_option,
        .args_doc = "SOURCE... IMAGE",
        .doc = "Packs each SOURCE, laid over those before it, into a cramfs IMAGE whose programs "
               "run in place: a kernel with the image in memory-mapped flash maps their pages from "
               "there. A SOURCE is a directory, or an archive (tar, cpio, zip and others, also "
               "compressed); - is an archive on standard input. An IMAGE of - is standard output."
               "\vExit status: 0 done; 8 failed, an older image is as it was; 16 wrong usage.",
    };
    *arguments = (struct arguments){0};
    arguments->max_size = UINT64_MAX;
    arguments->fill = 0xff; /* erased flash */
    cramfs_plan_options_init(&arguments->plan);
    arguments->plan.jobs = pool_default_threads();
    arguments->operands = calloc((size_t)argc, sizeof(*arguments->operands));
    if (!arguments->operands)
        exit(EXIT_OPERATIONAL);
    parse_command_line(&argp, argc, argv, arguments);
    arguments->out = is_standard_output(arguments->image) ? stderr : stdout;
}

void free_arguments(struct arguments *arguments)
{
    free(arguments->operands);
    for (size_t i = 0; i < arguments->patterns_count; i++)
        free(arguments->patterns[i]);
    free(arguments->patterns);
    free(arguments->device_tables);
    free(arguments->excludes.list);
    free(arguments->maps[0]);
    free(arguments->maps[1]);
}
