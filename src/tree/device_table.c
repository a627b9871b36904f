#include "cramfs/device_table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_file.h"
#include "tree/accounts.h"
#include "tree/device_apply.h"
#include "tree/device_line.h"
#include "tree/losses.h"

enum { MOST_BYTES = 16 << 20 };

struct reading {
    struct device_target target;
    const char *path;
    char *where; /* "FILE:LINE" */
    size_t where_size;
    bool has_line;  /* there was a line that names something, */
    bool has_xattr; /* and it has had an |xattr line */
};

/* "|xattr cap_net_raw+ep", for what the line before names. */
static int take_xattr(struct reading *reading, const char *text)
{
    const struct device_target *target = &reading->target;
    if (strncmp(text, "|xattr", 6) != 0 || !text[6 + strspn(text + 6, " \t\r\v\f")])
        return cramfs_fail(target->diags, CRAMFS_ERR_FORMAT, target->where,
                           "what begins with '|' must be '|xattr' and an attribute");
    if (!reading->has_line)
        return cramfs_fail(target->diags, CRAMFS_ERR_FORMAT, target->where,
                           "'|xattr' is for what the line before it names, and there is none");
    /* Each adds to the one attribute that Linux keeps a file's capabilities in. */
    if (!reading->has_xattr)
        losses_count_xattr(&target->tree->losses, "security.capability");
    reading->has_xattr = true;
    return 0;
}

static int take_line(struct reading *reading, char *text, size_t length)
{
    const struct device_target *target = &reading->target;
    if (memchr(text, '\0', length))
        return cramfs_fail(target->diags, CRAMFS_ERR_FORMAT, target->where,
                           "a NUL byte is in the line; a device table is text");
    if (length > CRAMFS_DEVICE_LINE_SIZE)
        return cramfs_fail(target->diags, CRAMFS_ERR_FORMAT, target->where,
                           "the line has %zu bytes, over the %d that one may have", length,
                           CRAMFS_DEVICE_LINE_SIZE);
    char *first = text + strspn(text, " \t\r\v\f");
    if (*first == '|')
        return take_xattr(reading, first);
    struct device_line line;
    int error = device_line_parse(first, target->where, target->diags, &line);
    if (!line.path)
        return error;
    reading->has_line = true;
    reading->has_xattr = false;
    return error ? error : device_line_apply(&reading->target, &line);
}

/* All lines that can be applied are, so that all that is wrong is told. */
static int take_lines(struct reading *reading, char *text, size_t length)
{
    int result = 0;
    char *end = text + length;
    for (size_t number = 1; text < end; number++) {
        char *newline = memchr(text, '\n', (size_t)(end - text));
        char *line_end = newline ? newline : end;
        *line_end = '\0';
        snprintf(reading->where, reading->where_size, "%s:%zu", reading->path, number);
        int error = take_line(reading, text, (size_t)(line_end - text));
        if (error == -CRAMFS_ERR_MEMORY)
            return error;
        result = error ? error : result;
        text = line_end + 1;
    }
    return result;
}

int cramfs_tree_read_device_table(struct cramfs_tree *tree, const char *path,
                                  struct cramfs_diags *diags)
{
    struct reading reading = {
        .target = {.tree = tree,
                   .users = {.path = "/etc/passwd"},
                   .groups = {.path = "/etc/group"},
                   .diags = diags},
        .path = path,
        .where_size = strlen(path) + sizeof(":18446744073709551615"),
    };
    char *text = NULL;
    size_t length = 0;
    int error = text_file_read(path, "device table", MOST_BYTES, diags, &text, &length);
    if (!error) {
        reading.where = malloc(reading.where_size);
        reading.target.where = reading.where;
        error = reading.where ? take_lines(&reading, text, length) : cramfs_fail_memory(diags);
    }
    accounts_free(&reading.target.users);
    accounts_free(&reading.target.groups);
    free(reading.where);
    free(text);
    return error;
}
