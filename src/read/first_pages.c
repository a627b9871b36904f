#include "read/first_pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cramfs/diag.h"

struct wanted_offset {
    const struct first_pages *pages;
    uint64_t offset;
};

static bool is_there(void *context, uint32_t number)
{
    const struct wanted_offset *wanted = context;
    return wanted->pages->list[number].offset == wanted->offset;
}

int first_pages_add(struct first_pages *pages, uint64_t offset, uint32_t entry, uint32_t *first,
                    bool *added)
{
    struct wanted_offset wanted = {pages, offset};
    uint64_t hash = hash_mix(0, offset);
    uint32_t number;
    *added = !hash_index_find(&pages->by_offset, hash, is_there, &wanted, &number);
    *first = *added ? entry : pages->list[number].entry;
    if (!*added)
        return 0;
    if (!ARRAY_GROW(pages, list))
        return -CRAMFS_ERR_MEMORY;
    pages->list[pages->list_count] = (struct first_page){offset, entry};
    return hash_index_add(&pages->by_offset, hash, (uint32_t)pages->list_count++);
}

void first_pages_free(struct first_pages *pages)
{
    free(pages->list);
    hash_index_free(&pages->by_offset);
    memset(pages, 0, sizeof(*pages));
}
