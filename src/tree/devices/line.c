#include "tree/devices/line.h"

#include <inttypes.h>
#include <string.h>

#include "base/text/number.h"

enum { OWNED_FIELDS = 5, ALL_FIELDS = 10 };

/* The context of a line's diagnostics. */
struct device_line_context {
    const char *where;
    struct cramfs_diags *diags;
};

#define FAIL(context, ...)                                                                         \
    cramfs_fail((context)->diags, CRAMFS_ERR_FORMAT, (context)->where, __VA_ARGS__)

const char *device_shown(const char *field, char *to)
{
    return cramfs_escape(field, strlen(field), to, DEVICE_SHOWN_SIZE);
}

bool device_line_makes_nodes(const struct device_line *line)
{
    return strchr("cbp", line->type) != NULL;
}

/* Splits the line into its fields, and returns how many there are, at most ALL_FIELDS + 1. */
static unsigned split(char *text, char *fields[ALL_FIELDS + 1])
{
    static const char blanks[] = " \t\r\v\f";
    unsigned count = 0;
    while (count <= ALL_FIELDS) {
        char *field = strtok_r(NULL, blanks, &text);
        if (!field || *field == '#')
            break;
        fields[count++] = field;
    }
    return count;
}

static bool read_number(const char *text, unsigned base, uint32_t most, uint32_t *number)
{
    uint64_t value = 0;
    bool fits = number_read(text, strlen(text), base, most, &value);
    *number = (uint32_t)value;
    return fits;
}

static int parse_path(const struct device_line_context *context, const char *text,
                      struct device_line *line)
{
    char shown[DEVICE_SHOWN_SIZE];
    if (*text != '/')
        return FAIL(context, "the name '%s' is not an absolute path; begin it with '/'",
                    device_shown(text, shown));
    for (const char *at = text; *at; at += strcspn(at, "/")) {
        at += strspn(at, "/");
        if (strcspn(at, "/") == 2 && at[0] == '.' && at[1] == '.')
            return FAIL(context, "the name '%s' contains '..'; write the path without it",
                        device_shown(text, shown));
    }
    line->path = text;
    return 0;
}

static int parse_type(const struct device_line_context *context, const char *text,
                      struct device_line *line)
{
    char shown[DEVICE_SHOWN_SIZE];
    if (text[1] || !strchr("fFdrlcbp", text[0]))
        return FAIL(
            context,
            "the type '%s' is not f, F, d, r, l, c, b or p; the type is the word after the name",
            device_shown(text, shown));
    line->type = text[0];
    return 0;
}

static int parse_mode(const struct device_line_context *context, const char *text,
                      struct device_line *line)
{
    char shown[DEVICE_SHOWN_SIZE];
    line->keep_mode = strcmp(text, "-1") == 0;
    if (!line->keep_mode && !read_number(text, 8, 07777, &line->mode))
        return FAIL(
            context,
            "the mode '%s' is neither an octal number from 0 to 7777 nor -1 (keep the mode)",
            device_shown(text, shown));
    if (line->keep_mode && device_line_makes_nodes(line))
        return FAIL(context, "the mode of a new node cannot be -1; write it in octal");
    if (line->type == 'l' && !line->keep_mode && line->mode != 0777)
        return FAIL(context,
                    "the mode %" PRIo32 " is not a symbolic link's, which is always 777; "
                    "write 777 or -1",
                    line->mode);
    return 0;
}

/* Digits alone are a number; anything else but -1 is a name, which may turn out not to exist. */
static int parse_owner(const struct device_line_context *context, const char *what,
                       const char *text, const struct device_line *line, struct device_owner *owner)
{
    owner->keep = strcmp(text, "-1") == 0;
    if (owner->keep && device_line_makes_nodes(line))
        return FAIL(context, "the %s of a new node cannot be -1; write a number or a name", what);
    if (owner->keep)
        return 0;
    if (strcmp(text, "-") == 0)
        return FAIL(context, "the %s is missing; write a number, a name, or -1 to keep it", what);
    if (text[strspn(text, "0123456789")])
        owner->name = text;
    else if (!read_number(text, 10, UINT32_MAX, &owner->number))
        return FAIL(context, "the %s %.40s is over the limit of %" PRIu32, what, text, UINT32_MAX);
    return 0;
}

/* Parses major minor start inc count, each a number or '-'; *missing has a bit set for each '-'. */
static int parse_numbers(const struct device_line_context *context, char *const *fields,
                         unsigned count, struct device_line *line, unsigned *missing)
{
    static const char *const names[] = {"major", "minor", "start", "inc", "count"};
    uint32_t *const numbers[] = {&line->major, &line->minor, &line->start, &line->increment,
                                 &line->count};
    char shown[DEVICE_SHOWN_SIZE];
    *missing = 0;
    for (unsigned i = 0; i < ALL_FIELDS - OWNED_FIELDS; i++) {
        if (i >= count || strcmp(fields[i], "-") == 0)
            *missing |= 1u << i;
        else if (!read_number(fields[i], 10, UINT32_MAX, numbers[i]))
            return FAIL(context,
                        "%s '%s' is neither a decimal number from 0 to %" PRIu32 " nor '-'",
                        names[i], device_shown(fields[i], shown), UINT32_MAX);
    }
    return 0;
}

/* Checks that the last name and the last minor number are in range, too. */
static int check_range(const struct device_line_context *context, const struct device_line *line,
                       unsigned missing)
{
    if (missing & 0xf)
        return FAIL(context,
                    "makedevs ignores the fields after a '-', and this line has a count of %" PRIu32
                    "; write 0 for the '-', or '-' for the count",
                    line->count);
    if (line->count > DEVICE_MOST_NODES)
        return FAIL(context,
                    "the count of %" PRIu32
                    " is over the limit of %d, the number of devices that can exist",
                    line->count, DEVICE_MOST_NODES);
    uint64_t steps = line->count - 1;
    if (line->start + steps > UINT32_MAX)
        return FAIL(context,
                    "%" PRIu32 " names from number %" PRIu32 " on end over the limit of %" PRIu32,
                    line->count, line->start, UINT32_MAX);
    if (line->minor + steps * line->increment > UINT32_MAX)
        return FAIL(context,
                    "%" PRIu32 " minor numbers from %" PRIu32 " on, in steps of %" PRIu32
                    ", end over the limit of %" PRIu32,
                    line->count, line->minor, line->increment, UINT32_MAX);
    return 0;
}

static int check_numbers(const struct device_line_context *context, const struct device_line *line,
                         unsigned missing)
{
    bool device = line->type == 'c' || line->type == 'b';
    if (device && (missing & 3))
        return FAIL(context, "type %c needs a major and a minor number", line->type);
    if (!device && (line->major || line->minor))
        return FAIL(context,
                    "%" PRIu32 ":%" PRIu32 " are device numbers, and type %c is not a device; "
                    "write '-' for the numbers, or c or b for the type",
                    line->major, line->minor, line->type);
    if (line->count && !device_line_makes_nodes(line))
        return FAIL(context,
                    "a count of %" PRIu32
                    " makes a range, and type %c has no ranges; write '-', or a line for each name",
                    line->count, line->type);
    return line->count ? check_range(context, line, missing) : 0;
}

static int parse_fields(const struct device_line_context *context, char *const *fields,
                        unsigned count, struct device_line *line)
{
    int error = parse_path(context, fields[0], line);
    if (!error && count < OWNED_FIELDS)
        error = FAIL(context, "the line has only %u fields; it needs name, type, mode, uid and gid",
                     count);
    if (!error && count > ALL_FIELDS)
        error = FAIL(context, "the line has more than %d fields; a name cannot contain blanks",
                     ALL_FIELDS);
    if (!error)
        error = parse_type(context, fields[1], line);
    if (!error)
        error = parse_mode(context, fields[2], line);
    if (!error)
        error = parse_owner(context, "uid", fields[3], line, &line->user);
    if (!error)
        error = parse_owner(context, "gid", fields[4], line, &line->group);
    unsigned missing;
    if (!error)
        error = parse_numbers(context, fields + OWNED_FIELDS, count - OWNED_FIELDS, line, &missing);
    return error ? error : check_numbers(context, line, missing);
}

int device_line_parse(char *text, const char *where, struct cramfs_diags *diags,
                      struct device_line *line)
{
    const struct device_line_context context = {where, diags};
    char *fields[ALL_FIELDS + 1];
    memset(line, 0, sizeof(*line));
    unsigned count = split(text, fields);
    if (!count)
        return 0;
    line->path = fields[0];
    return parse_fields(&context, fields, count, line);
}
