#include "cramfs/device_table.h"

#include <stdbool.h>
#include <string.h>

#include "base/text/lines.h"
#include "tree/accounts.h"
#include "tree/devices/apply.h"
#include "tree/devices/line.h"
#include "tree/layers/layers.h"
#include "tree/losses.h"

struct device_table_reading {
    struct device_target target;
    bool has_line;  /* there was a line that names a file */
    bool has_xattr; /* and an |xattr line for it */
};

/* Takes "|xattr cap_net_raw+ep", which is for the file of the line before. */
static int take_xattr(struct device_table_reading *reading, const char *text)
{
    const struct device_target *target = &reading->target;
    if (strncmp(text, "|xattr", 6) != 0 || !text[6 + strspn(text + 6, " \t\r\v\f")])
        return cramfs_fail(target->diags, CRAMFS_ERR_FORMAT, target->where,
                           "a line that begins with '|' must be '|xattr' and an attribute");
    if (!reading->has_line)
        return cramfs_fail(target->diags, CRAMFS_ERR_FORMAT, target->where,
                           "'|xattr' applies to the file of the line before it, and there is no "
                           "such line; move it after the line of its file");
    /* Several lines still make one attribute: Linux keeps all capabilities of a file in one. */
    if (!reading->has_xattr)
        losses_count_xattr(&target->tree->losses, "security.capability");
    reading->has_xattr = true;
    return 0;
}

static int take_line(void *context, const char *where, char *text)
{
    struct device_table_reading *reading = context;
    reading->target.where = where;
    char *first = text + strspn(text, " \t\r\v\f");
    if (*first == '|')
        return take_xattr(reading, first);
    struct device_line line;
    int error = device_line_parse(first, where, reading->target.diags, &line);
    if (!line.path)
        return error;
    reading->has_line = true;
    reading->has_xattr = false;
    return error ? error : device_line_apply(&reading->target, &line);
}

int cramfs_tree_read_device_table(struct cramfs_tree *tree, const char *path,
                                  struct cramfs_diags *diags)
{
    struct device_table_reading reading = {
        .target = {.tree = tree,
                   .users = {.path = "/etc/passwd"},
                   .groups = {.path = "/etc/group"},
                   .diags = diags},
    };
    const struct lines lines = {"device table", CRAMFS_DEVICE_LINE_SIZE, take_line, &reading};
    int error = layers_begin(tree, path, diags);
    if (!error)
        error = lines_read(&lines, path, diags);
    int lost = layers_end(tree, diags);
    accounts_free(&reading.target.users);
    accounts_free(&reading.target.groups);
    return error ? error : lost;
}
