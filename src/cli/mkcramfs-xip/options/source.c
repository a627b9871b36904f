/*
 * Options about the sources: which files, their owners, and which losses are allowed.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/text/lines.h"
#include "cli/common/common.h"
#include "cli/mkcramfs-xip/options/options.h"
#include "cramfs/loss.h"

static void add_exclude(struct arguments *arguments, const char *text)
{
    struct source_arguments *sources = &arguments->sources;
    struct cramfs_excludes *excludes = &sources->excludes;
    char *pattern = cramfs_exclude_pattern(text);
    if (!pattern || !ARRAY_GROW(excludes, list) || !ARRAY_GROW(sources, patterns))
        memory_error();
    if (!*pattern)
        usage_error("--exclude: '%s' contains no name; write a glob for paths in the image", text);
    sources->patterns[sources->patterns_count++] = pattern;
    excludes->list[excludes->list_count++] = (struct cramfs_exclude){.pattern = pattern};
}

/* Takes a line of --exclude-from: a pattern, unless it is empty or begins with #. */
static int take_pattern(void *context, const char *where, char *line)
{
    struct arguments *arguments = context;
    size_t length = strlen(line);
    (void)where;
    if (length && line[length - 1] == '\r')
        line[length - 1] = '\0';
    if (!*line || *line == '#')
        return 0;
    add_exclude(arguments, line);
    return 0;
}

static void read_excludes(struct arguments *arguments, const char *path)
{
    struct cramfs_diags diags = {0};
    const struct lines lines = {"list of patterns", LINES_MOST_BYTES, take_pattern, arguments};
    int error = lines_read(&lines, path, &diags);
    print_diags(&diags, 0);
    if (error)
        exit(EXIT_USAGE);
    note_input(arguments, path);
}

static void add_device_table(struct arguments *arguments, const char *path)
{
    if (!ARRAY_GROW(&arguments->sources, device_tables))
        memory_error();
    arguments->sources.device_tables[arguments->sources.device_tables_count++] = path;
    note_input(arguments, path);
}

static struct cramfs_id_rule *rule_of(struct arguments *arguments, unsigned which)
{
    return which == 0 ? &arguments->owners.uid : &arguments->owners.gid;
}

/* "12:34" as two numbers. */
static void parse_pair(const char *option, const char *text, uint32_t pair[2])
{
    const char *colon = strchr(text, ':');
    char first[24];
    if (!colon || (size_t)(colon - text) >= sizeof(first))
        usage_error("%s: '%s' is not two numbers with a colon between; write for example 0:0",
                    option, text);
    if (isalpha((unsigned char)*text) || isalpha((unsigned char)colon[1]))
        usage_error("%s: '%s' has a name, and only the target knows its number; write numbers, for "
                    "example 0:0",
                    option, text);
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
    if (!array_reserve(&arguments->owners.maps[which], sizeof(struct cramfs_id_map),
                       rule->maps_count, &arguments->owners.maps_capacity[which], 1))
        memory_error();
    arguments->owners.maps[which][rule->maps_count++] = (struct cramfs_id_map){pair[0], pair[1]};
    rule->maps = arguments->owners.maps[which];
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
    arguments->owners.uid.all = true;
    arguments->owners.uid.all_to = uid;
    arguments->owners.gid.all = true;
    arguments->owners.gid.all_to = gid;
}

static bool parse_owner_option(int key, const char *value, struct arguments *arguments)
{
    uint32_t owner[2] = {0, 0};
    switch (key) {
    case KEY_OWNER:
        parse_pair("--owner", value, owner);
        /* fall through */
    case 'q':
        set_owner(arguments, owner[0], owner[1]);
        return true;
    case KEY_MAP_UID:
        add_map(arguments, 0, "--map-uid", value);
        return true;
    case KEY_MAP_GID:
        add_map(arguments, 1, "--map-gid", value);
        return true;
    case KEY_UID_OFFSET:
        arguments->owners.uid.offset = parse_offset("--uid-offset", value);
        return true;
    case KEY_GID_OFFSET:
        arguments->owners.gid.offset = parse_offset("--gid-offset", value);
        return true;
    default:
        return false;
    }
}

/* "gid,size" or "all". */
static void parse_allow(const char *list, struct arguments *arguments)
{
    char *words = strdup(list);
    char *rest = words;
    if (!words)
        memory_error();
    for (char *word; (word = strsep(&rest, ","));)
        arguments->sources.allow |=
            strcmp(word, "all") == 0
                ? CRAMFS_ALL_LOSSES
                : CRAMFS_LOSS_BIT(parse_choice("--allow", word, cramfs_loss_names()));
    free(words);
}

/* An option for the SOURCE after it. */
static void add_part(struct source_operand *next, const char *option, bool given)
{
    if (given)
        usage_error("%s is given twice for one SOURCE; give it once", option);
    if (!next->option)
        next->option = option;
}

static void parse_source_offset(struct source_operand *next, const char *value)
{
    add_part(next, "--offset", next->has_offset);
    next->offset = parse_size("--offset", value, 0, INT64_MAX);
    next->has_offset = true;
}

/* The path of a directory in a tree. */
static const char *parse_part_path(const char *option, const char *text)
{
    if (!*text)
        usage_error("%s: the path is empty; write a path", option);
    for (const char *at = text; *at; at += strspn(at, "/")) {
        size_t length = strcspn(at, "/");
        if (length == 2 && strncmp(at, "..", 2) == 0)
            usage_error("%s: '%s' contains '..'; write the path without it", option, text);
        at += length;
    }
    return text;
}

static bool parse_part_option(int key, const char *value, struct source_operand *next)
{
    struct cramfs_part *part = &next->part;
    switch (key) {
    case KEY_SOURCE_OFFSET:
        parse_source_offset(next, value);
        return true;
    case KEY_SUBTREE:
        add_part(next, "--subtree", part->subtree);
        part->subtree = parse_part_path("--subtree", value);
        break;
    case KEY_INTO:
        add_part(next, "--into", part->into);
        part->into = parse_part_path("--into", value);
        break;
    case KEY_STRIP_COMPONENTS:
        add_part(next, "--strip-components", part->strip);
        part->strip = (unsigned)parse_number("--strip-components", value, 0, UINT16_MAX);
        break;
    default:
        return false;
    }
    next->has_part = true;
    return true;
}

void take_operand(struct operands *operands, const char *path)
{
    operands->next.path = path;
    operands->list[operands->count++] = operands->next;
    operands->next = (struct source_operand){0};
}

/* For mkfs.erofs and others the image is the first operand. */
static void check_order(const struct operands *operands)
{
    struct stat status;
    const char *image = operands->list[operands->count - 1].path;
    if (stat(image, &status) == 0 && S_ISDIR(status.st_mode))
        usage_error("'%s', the last operand, is a directory, and IMAGE must be a file; name each "
                    "SOURCE first, and IMAGE last",
                    image);
}

void check_operands(const struct operands *operands)
{
    if (!operands->count)
        usage_error("there is no operand; name at least one SOURCE, and IMAGE last");
    if (operands->count == 1)
        usage_error("'%s' is the only operand; name at least one SOURCE, and IMAGE last",
                    operands->list[0].path);
    check_order(operands);
    const char *option = operands->next.option;
    if (!option)
        option = operands->list[operands->count - 1].option; /* which is IMAGE */
    if (option)
        usage_error(
            "%s applies to the SOURCE after it, and no SOURCE follows; write it before its SOURCE",
            option);
}

bool parse_source_option(int key, const char *value, struct arguments *arguments)
{
    switch (key) {
    case 'D':
        add_device_table(arguments, value);
        return true;
    case KEY_EXCLUDE:
        add_exclude(arguments, value);
        return true;
    case KEY_EXCLUDE_FROM:
        read_excludes(arguments, value);
        return true;
    case KEY_ALLOW:
        parse_allow(value, arguments);
        return true;
    default:
        return parse_part_option(key, value, &arguments->operands.next) ||
               parse_owner_option(key, value, arguments);
    }
}
