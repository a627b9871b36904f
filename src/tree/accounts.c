#include "tree/accounts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/text/number.h"
#include "cramfs/format.h"
#include "tree/resolve.h"

/* The end of the field that begins at `from`: the next ':' or the line's end. */
static const char *field_end(const char *from, const char *line_end)
{
    const char *colon = memchr(from, ':', (size_t)(line_end - from));
    return colon ? colon : line_end;
}

/* Parses "name:password:number:..."; false when the line is something else. */
static bool parse_line(const char *line, const char *end, struct account *account)
{
    const char *colon = field_end(line, end);
    const char *second = colon == end ? end : field_end(colon + 1, end);
    if (second == end)
        return false;
    uint64_t number;
    size_t length = (size_t)(field_end(second + 1, end) - second - 1);
    if (!number_read(second + 1, length, 10, UINT32_MAX, &number))
        return false;
    *account = (struct account){line, (size_t)(colon - line), (uint32_t)number};
    return true;
}

struct wanted_account {
    const struct accounts *accounts;
    const char *name;
    size_t length;
};

static bool has_name(void *context, uint32_t index)
{
    const struct wanted_account *wanted = context;
    const struct account *account = &wanted->accounts->list[index];
    return account->length == wanted->length &&
           memcmp(account->name, wanted->name, wanted->length) == 0;
}

static const struct account *find(const struct accounts *accounts, const char *name, size_t length)
{
    struct wanted_account wanted = {accounts, name, length};
    uint32_t index;
    bool found =
        hash_index_find(&accounts->by_name, hash_bytes(name, length, 0), has_name, &wanted, &index);
    return found ? &accounts->list[index] : NULL;
}

/* Indexes the names: a tree of many files may look up many, each in constant time. */
static int index_lines(struct accounts *accounts)
{
    const char *line = accounts->text;
    const char *end = line + accounts->length;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *line_end = newline ? newline : end;
        struct account account;
        if (parse_line(line, line_end, &account) && !find(accounts, account.name, account.length)) {
            if (!ARRAY_GROW(accounts, list) ||
                hash_index_add(&accounts->by_name, hash_bytes(account.name, account.length, 0),
                               (uint32_t)accounts->list_count) != 0)
                return -CRAMFS_ERR_MEMORY;
            accounts->list[accounts->list_count++] = account;
        }
        line = newline ? newline + 1 : end;
    }
    return 0;
}

/* Reads the whole file. If it does not exist, text stays NULL; that is not an error here. */
static int load(struct accounts *accounts, const struct cramfs_tree *tree,
                struct cramfs_diags *diags)
{
    struct cramfs_node *node;
    accounts->tried = true;
    int error = resolve_path(tree, tree->root, accounts->path, diags, &node);
    if (error)
        return error;
    /* A source need not have the bytes of a file over the format's limit. */
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
    return index_lines(accounts) == 0 ? 0 : cramfs_fail_memory(diags);
}

int accounts_find(struct accounts *accounts, const struct cramfs_tree *tree, const char *name,
                  uint32_t *number, const char **why, struct cramfs_diags *diags)
{
    *why = "is not in the tree; add the file";
    int error = accounts->tried ? 0 : load(accounts, tree, diags);
    if (error)
        return error;
    if (!accounts->text)
        return -CRAMFS_ERR_FORMAT;
    *why = "in the tree does not have this name; add it";
    const struct account *account = find(accounts, name, strlen(name));
    if (!account)
        return -CRAMFS_ERR_FORMAT;
    *number = account->number;
    return 0;
}

void accounts_free(struct accounts *accounts)
{
    free(accounts->text);
    free(accounts->list);
    hash_index_free(&accounts->by_name);
}
