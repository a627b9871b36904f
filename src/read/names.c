#include "read/names.h"

#include <string.h>

int name_compare(const struct cramfs_entry *a, const struct cramfs_entry *b)
{
    size_t shorter = a->name_bytes < b->name_bytes ? a->name_bytes : b->name_bytes;
    int order = memcmp(a->name, b->name, shorter);
    return order ? order : (int)a->name_bytes - (int)b->name_bytes;
}

struct wanted_entry_name {
    const struct cramfs_entries *entries;
    const struct cramfs_entry *entry;
};

static bool same_name(void *context, uint32_t number)
{
    const struct wanted_entry_name *wanted = context;
    const struct cramfs_entry *other = &wanted->entries->list[number];
    return other->parent == wanted->entry->parent && name_compare(other, wanted->entry) == 0;
}

int names_add(struct entry_names *names, const struct cramfs_entries *entries, uint32_t number,
              uint32_t *twin)
{
    const struct cramfs_entry *entry = &entries->list[number];
    uint64_t hash = hash_bytes(entry->name, entry->name_bytes, entry->parent);
    struct wanted_entry_name wanted = {entries, entry};
    if (hash_index_find(&names->index, hash, same_name, &wanted, twin))
        return 0;
    *twin = CRAMFS_NO_ENTRY;
    return hash_index_add(&names->index, hash, number);
}
