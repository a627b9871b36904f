#include "cli/common/open_image.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct open_arguments open_arguments(int argc)
{
    struct open_arguments arguments = {
        .paths = calloc((size_t)argc + 1, sizeof(*arguments.paths)),
        .options = {.stream = true},
    };
    if (!arguments.paths)
        memory_error();
    return arguments;
}

void free_open_arguments(struct open_arguments *arguments)
{
    free(arguments->paths);
    *arguments = (struct open_arguments){0};
}

bool parse_open_option(int key, const char *value, struct open_arguments *arguments)
{
    switch (key) {
    case ARGP_KEY_ARG:
        if (arguments->image)
            arguments->paths[arguments->paths_count++] = value;
        else
            arguments->image = value;
        return true;
    case 'b':
        arguments->options.page_size = parse_page_size(value);
        return true;
    case KEY_OFFSET:
        arguments->options.offset = parse_size("--offset", value, 0, INT64_MAX);
        return true;
    case KEY_SCAN:
        arguments->scan = true;
        return true;
    default:
        return false;
    }
}

void need_image(const struct open_arguments *arguments)
{
    if (!arguments->image)
        usage_error("an IMAGE is wanted");
}

struct counts {
    uint64_t found;
    uint64_t wrong;
};

static const char *form_name(const struct cramfs_scanned *scanned)
{
    static const char *const names[][2] = {
        [CRAMFS_SWAP_NONE] = {"little", "big"},
        [CRAMFS_SWAP_16] = {"little/swap16", "big/swap16"},
        [CRAMFS_SWAP_32] = {"little/swap32", "big/swap32"},
    };
    return names[scanned->swap][scanned->order == CRAMFS_BIG];
}

static int print_scanned(void *context, const struct cramfs_scanned *scanned)
{
    static const char *const crcs[] = {
        [CRAMFS_CRC_RIGHT] = "right",
        [CRAMFS_CRC_WRONG] = "wrong",
        [CRAMFS_CRC_NONE] = "none",
        [CRAMFS_CRC_UNTESTED] = "untested",
    };
    struct counts *counts = context;
    const struct cramfs_super *super = &scanned->super;
    char name[4 * sizeof(super->name) + 1];
    cramfs_escape(super->name, strnlen(super->name, sizeof(super->name)), name, sizeof(name));
    if (!counts->found++)
        printf("%10s %10s %5s %-13s %-8s %s\n", "offset", "size", "super", "endian", "crc", "name");
    printf("%10" PRIu64 " %10" PRIu32 " %5" PRIu32 " %-13s %-8s %s\n", scanned->offset, super->size,
           scanned->super_offset, form_name(scanned), crcs[scanned->crc], name);
    counts->wrong += scanned->crc == CRAMFS_CRC_WRONG;
    return 0;
}

int scan_image(const char *path, struct cramfs_diags *diags)
{
    struct counts counts = {0};
    if (cramfs_scan(path, print_scanned, &counts, diags) != 0)
        return EXIT_OPERATIONAL;
    if (!counts.found) {
        cramfs_fail(diags, CRAMFS_ERR_FORMAT, path, "there is no cramfs superblock in it");
        return EXIT_OPERATIONAL;
    }
    return counts.wrong ? EXIT_ERRORS_LEFT : EXIT_CLEAN;
}
