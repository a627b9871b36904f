#include "read/names.h"

#include <string.h>

int name_compare(const struct cramfs_entry *a, const struct cramfs_entry *b)
{
    size_t shorter = a->name_bytes < b->name_bytes ? a->name_bytes : b->name_bytes;
    int order = memcmp(a->name, b->name, shorter);
    return order ? order : (int)a->name_bytes - (int)b->name_bytes;
}

int names_add(struct names *names, const struct cramfs_entries *entries, uint32_t number,
              uint32_t *twin)
{
    const struct cramfs_entry *entry = &entries->list[number];
    uint64_t hash = hash_bytes(entry->name, entry->name_bytes, entry->parent);
    size_t cursor = 0;
    while (hash_index_next(&names->index, hash, &cursor, twin)) {
        const struct cramfs_entry *other = &entries->list[*twin];
        if (other->parent == entry->parent && name_compare(other, entry) == 0)
            return 0;
    }
    *twin = CRAMFS_NO_ENTRY;
    return hash_index_add(&names->index, hash, number);
}
