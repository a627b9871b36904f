#include "tree/accounts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/format.h"
#include "tree/resolve.h"

/* Reads the file whole. Leaves text at NULL when there is no such file, which is no error here. */
static int load(struct accounts *accounts, const struct cramfs_tree *tree,
                struct cramfs_diags *diags)
{
    struct cramfs_node *node;
    accounts->tried = true;
    int error = resolve_path(tree, tree->root, accounts->path, diags, &node);
    if (error)
        return error;
    /* Of a file over the format's limit a source need not have the bytes. */
    if (!node || !S_ISREG(node->mode) || node->size > CRAMFS_MAX_FILE_SIZE)
        return 0;
    if (node->size && !node->source)
        return 0;
    char *text = malloc((size_t)node->size + 1);
    if (!text)
        return cramfs_fail_memory(diags);
    error = node->size ? node->source->read(node->source, node, text, diags) : 0;
    if (error) {
        free(text);
        return error;
    }
    accounts->text = text;
    accounts->length = (size_t)node->size;
    return 0;
}

/* The field that begins at `from` and ends before a ':' or at the line's end. */
static const char *field_end(const char *from, const char *line_end)
{
    const char *colon = memchr(from, ':', (size_t)(line_end - from));
    return colon ? colon : line_end;
}

static bool parse_number(const char *from, const char *end, uint32_t *number)
{
    uint64_t value = 0;
    if (from == end)
        return false;
    for (; from < end; from++) {
        if (*from < '0' || *from > '9')
            return false;
        value = value * 10 + (uint64_t)(*from - '0');
        if (value > UINT32_MAX)
            return false;
    }
    *number = (uint32_t)value;
    return true;
}

/* "name:password:number:..." */
static bool match_line(const char *line, const char *end, const char *name, uint32_t *number)
{
    size_t length = strlen(name);
    const char *colon = field_end(line, end);
    if ((size_t)(colon - line) != length || memcmp(line, name, length) != 0 || colon == end)
        return false;
    const char *second = field_end(colon + 1, end);
    if (second == end)
        return false;
    return parse_number(second + 1, field_end(second + 1, end), number);
}

int accounts_find(struct accounts *accounts, const struct cramfs_tree *tree, const char *name,
                  uint32_t *number, const char **why, struct cramfs_diags *diags)
{
    *why = "cannot be had from the tree";
    int error = accounts->tried ? 0 : load(accounts, tree, diags);
    if (error)
        return error;
    if (!accounts->text)
        return -CRAMFS_ERR_FORMAT;
    const char *line = accounts->text;
    const char *end = line + accounts->length;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *line_end = newline ? newline : end;
        if (match_line(line, line_end, name, number))
            return 0;
        line = newline ? newline + 1 : end;
    }
    *why = "has no such name in the tree";
    return -CRAMFS_ERR_FORMAT;
}

void accounts_free(struct accounts *accounts)
{
    free(accounts->text);
}
