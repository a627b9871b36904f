#include "cli/common/open_image.h"

#include <stdio.h>
#include <stdlib.h>

#include "cramfs/listing.h"

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
        usage_error("there is no operand; name an IMAGE");
}

int scan_image(const char *path, bool json, struct cramfs_diags *diags)
{
    struct cramfs_scan_counts counts;
    int error = (json ? cramfs_print_scan_json : cramfs_print_scan)(stdout, path, &counts, diags);
    if (error == -CRAMFS_ERR_MEMORY)
        memory_error();
    if (error)
        return EXIT_OPERATIONAL;
    if (!counts.found) {
        cramfs_fail(diags, CRAMFS_ERR_FORMAT, path, "the file contains no cramfs superblock");
        return EXIT_OPERATIONAL;
    }
    return counts.wrong ? EXIT_ERRORS_LEFT : EXIT_CLEAN;
}
