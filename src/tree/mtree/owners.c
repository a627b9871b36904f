#include "tree/mtree/owners.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/remedy.h"
#include "tree/accounts.h"

/* A name that was reported as missing. */
struct unknown_name {
    const struct accounts *accounts; /* where it is missing */
    const char *name;
};

struct naming {
    const struct cramfs_tree *tree;
    const char *path;
    struct accounts users;
    struct accounts groups;
    struct unknown_name *unknown;
    size_t unknown_count;
    size_t unknown_capacity;
    struct hash_index unknown_index;
    struct cramfs_diags *diags;
};

struct wanted_owner_name {
    const struct naming *naming;
    struct unknown_name name;
};

static bool is_unknown(void *context, uint32_t number)
{
    const struct wanted_owner_name *wanted = context;
    const struct unknown_name *unknown = &wanted->naming->unknown[number];
    return unknown->accounts == wanted->name.accounts &&
           strcmp(unknown->name, wanted->name.name) == 0;
}

static int look_up(struct naming *naming, const struct mtree_entry *entry,
                   struct accounts *accounts, const char *name, uint32_t *number)
{
    const char *why;
    uint32_t told;
    struct wanted_owner_name wanted = {naming, {accounts, name}};
    uint64_t hash = hash_bytes(name, strlen(name), accounts == &naming->groups);
    /* Once is enough: a manifest may have the name in each line. */
    if (hash_index_find(&naming->unknown_index, hash, is_unknown, &wanted, &told))
        return -CRAMFS_ERR_FORMAT;
    int error = accounts_find(accounts, naming->tree, name, number, &why, naming->diags);
    if (error != -CRAMFS_ERR_FORMAT)
        return error;
    if (!ARRAY_GROW(naming, unknown))
        return cramfs_fail_memory(naming->diags);
    naming->unknown[naming->unknown_count] = wanted.name;
    if (hash_index_add(&naming->unknown_index, hash, (uint32_t)naming->unknown_count++) != 0)
        return cramfs_fail_memory(naming->diags);
    char shown[MTREE_SHOWN_SIZE];
    error = mtree_entry_report(naming->diags, CRAMFS_ERROR, CRAMFS_ERR_FORMAT, naming->path, entry,
                               "belongs to '%s', and %s %s, or write numbers",
                               mtree_shown(name, shown), accounts->path, why);
    return with_remedy(error, naming->diags, CRAMFS_REMEDY_OWNERS, NULL);
}

/* If an entry has both a number and a name, the number counts. */
static int name_owners(struct naming *naming, const struct mtree_entry *entry)
{
    unsigned given = entry->facts.given;
    int error = 0;
    int second = 0;
    if (given & MTREE_NOCHANGE)
        return 0;
    if ((given & MTREE_UNAME) && !(given & MTREE_UID))
        error = look_up(naming, entry, &naming->users, entry->facts.user, &entry->node->uid);
    if ((given & MTREE_GNAME) && !(given & MTREE_GID))
        second = look_up(naming, entry, &naming->groups, entry->facts.group, &entry->node->gid);
    return error ? error : second;
}

int mtree_name_owners(const struct cramfs_tree *tree, const struct mtree_source *source,
                      const char *path, struct cramfs_diags *diags)
{
    struct naming naming = {
        .tree = tree,
        .path = path,
        .users = {.path = "/etc/passwd"},
        .groups = {.path = "/etc/group"},
        .diags = diags,
    };
    int result = 0;
    for (size_t i = 0; i < source->entries_count && result != -CRAMFS_ERR_MEMORY; i++) {
        const struct mtree_entry *entry = &source->entries[i];
        int error = entry->node->removed ? 0 : name_owners(&naming, entry);
        result = error ? error : result;
    }
    accounts_free(&naming.users);
    accounts_free(&naming.groups);
    free(naming.unknown);
    hash_index_free(&naming.unknown_index);
    return result;
}
