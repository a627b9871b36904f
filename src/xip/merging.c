#include "cramfs/mapping.h"

#include "format/bytes.h"

/* The mappings of one file, while they are made one after the other. */
struct joining {
    const struct cramfs_mapping *mappings;
    uint32_t page_size;
    /* After its own pages, the first mapping has a rest. It stays where no other one covers it. */
    bool rest_stays;
    uint64_t first_shared; /* from this address on, that rest still has the first mapping's flags */
};

static uint64_t kept_bytes(const struct joining *joining, const struct cramfs_mapping *mapping)
{
    return mapping->kept_pages * joining->page_size;
}

/* Whether the page at `address` belongs to the first mapping, after that mapping's own pages. */
static bool is_rest(const struct joining *joining, uint64_t address)
{
    const struct cramfs_mapping *first = &joining->mappings[0];
    return joining->rest_stays && address >= joining->first_shared &&
           address - first->address < first->length;
}

/*
 * Which of the first `made` mappings has the page at `address`: the last one that was made there.
 * Returns -1 for none, or for memory without a file.
 */
static int64_t owner_of(const struct joining *joining, size_t made, uint64_t address)
{
    for (size_t i = made; i-- > 0;) {
        const struct cramfs_mapping *mapping = &joining->mappings[i];
        if (mapping->impossible || address < mapping->address)
            continue;
        if (address - mapping->address < kept_bytes(joining, mapping))
            return (int64_t)i;
        if (address - mapping->address < mapping->reach)
            return -1;
    }
    return made && !joining->mappings[0].impossible && is_rest(joining, address) ? 0 : -1;
}

/*
 * Whether the mapping continues an earlier mapping, which has the page at the address `neighbour`.
 * Returns how many places earlier in the list that mapping is; 0 if there is none.
 */
static size_t joined(const struct joining *joining, size_t number, uint64_t neighbour)
{
    const struct cramfs_mapping *mapping = &joining->mappings[number];
    int64_t owner = owner_of(joining, number, neighbour);
    if (owner < 0)
        return 0;
    const struct cramfs_mapping *other = &joining->mappings[owner];
    bool same_file_page = other->address - other->offset == mapping->address - mapping->offset;
    return other->flags == mapping->flags && same_file_page ? number - (size_t)owner : 0;
}

/*
 * If there is a hole between mappings, glibc removes all rights from the first mapping's rest, up
 * to the last mapping. Returns the address where it stops; 0 if it removes none.
 */
static uint64_t end_of_holes(const struct cramfs_mapping *mappings, size_t count,
                             uint32_t page_size)
{
    for (size_t i = 1; i < count; i++) {
        if (mappings[i - 1].address + mappings[i - 1].kept_pages * page_size != mappings[i].address)
            return mappings[count - 1].address;
    }
    return 0;
}

void cramfs_mappings_join(struct cramfs_mapping *mappings, size_t count, uint32_t page_size,
                          enum cramfs_loader loader)
{
    struct joining joining = {
        .mappings = mappings,
        .page_size = page_size,
        .rest_stays = loader != CRAMFS_LOADER_KERNEL,
    };
    if (loader == CRAMFS_LOADER_GLIBC)
        joining.first_shared = end_of_holes(mappings, count, page_size);
    for (size_t i = 0; i < count; i++) {
        struct cramfs_mapping *mapping = &mappings[i];
        mapping->joins[0] = mapping->joins[1] = 0;
        if (mapping->impossible)
            continue;
        mapping->joins[0] = mapping->address ? joined(&joining, i, mapping->address - 1) : 0;
        mapping->joins[1] = joined(&joining, i, mapping->address + kept_bytes(&joining, mapping));
    }
}

/*
 * Whether a merge can be the reason that no page of the mapping is direct. IMPOSSIBLE: mmap() fails
 * before the kernel merges. With the other three reasons no page is direct, merged or not.
 */
static bool can_merge(const struct cramfs_prediction *prediction)
{
    switch (prediction->reason) {
    case CRAMFS_REASON_NO_ADDRESS:
    case CRAMFS_REASON_NO_EXT_POINTERS:
    case CRAMFS_REASON_IMPOSSIBLE:
    case CRAMFS_REASON_WRITABLE:
        return false;
    default:
        return true;
    }
}

void cramfs_mappings_predict(const struct cramfs_table *table,
                             const struct cramfs_placement *placement,
                             const struct cramfs_mapping *mappings, size_t count,
                             struct cramfs_prediction *predictions)
{
    static const enum cramfs_reason reasons[] = {CRAMFS_REASON_MERGED_BEFORE,
                                                 CRAMFS_REASON_MERGED_AFTER};
    for (size_t i = 0; i < count; i++) {
        cramfs_mapping_predict(table, placement, &mappings[i], &predictions[i]);
        for (size_t j = 0; j < 2 && can_merge(&predictions[i]); j++) {
            size_t back = mappings[i].joins[j];
            if (!back || predictions[i - back].direct_pages)
                continue;
            predictions[i].direct_pages = 0;
            predictions[i].reason = reasons[j];
            break;
        }
    }
}
