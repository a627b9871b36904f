#include "read/inflated.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "read/open/memory.h"

/* Large enough that little is left over at the end of each. */
enum { CHUNK_BYTES = 1 << 18 };

struct cramfs_inflated {
    uint64_t max_bytes;
    uint32_t page_size;
    const struct cramfs_survey *survey;
    struct inflated_block *blocks; /* by extent of the survey */
    unsigned char *memory;
    size_t size;
    atomic_size_t taken;
};

struct cramfs_inflated *cramfs_inflated_create(uint64_t max_bytes)
{
    struct cramfs_inflated *inflated = calloc(1, sizeof(*inflated));
    if (inflated)
        inflated->max_bytes = max_bytes;
    return inflated;
}

static void forget(struct cramfs_inflated *inflated)
{
    image_memory_free(inflated->memory, inflated->size);
    free(inflated->blocks);
    inflated->memory = NULL;
    inflated->blocks = NULL;
    inflated->size = 0;
    atomic_store(&inflated->taken, 0);
}

void cramfs_inflated_free(struct cramfs_inflated *inflated)
{
    if (!inflated)
        return;
    forget(inflated);
    free(inflated);
}

/* The most that all blocks can take, with a chunk that each worker has not filled. */
static uint64_t most_bytes(const struct cramfs_image *image, const struct cramfs_survey *survey,
                           unsigned workers)
{
    uint64_t bytes = (uint64_t)workers * CHUNK_BYTES;
    for (size_t i = 0; i < survey->extents.list_count; i++)
        if (survey->extents.list[i].kind == CRAMFS_EXTENT_DEFLATED)
            bytes += image->page_size;
    return bytes;
}

void inflated_start(struct cramfs_inflated *inflated, const struct cramfs_image *image,
                    const struct cramfs_survey *survey, unsigned workers)
{
    if (!inflated)
        return;
    forget(inflated);
    uint64_t most = most_bytes(image, survey, workers ? workers : 1);
    if (most > inflated->max_bytes)
        most = inflated->max_bytes;
    most -= most % CHUNK_BYTES;
    inflated->survey = survey;
    inflated->page_size = image->page_size;
    inflated->blocks = calloc(survey->extents.list_count + 1, sizeof(*inflated->blocks));
    inflated->memory = inflated->blocks ? image_memory(most) : NULL;
    inflated->size = inflated->memory ? (size_t)most : 0;
}

unsigned char *inflated_room(struct cramfs_inflated *inflated, struct inflated_chunk *chunk)
{
    if (!inflated || !inflated->size)
        return NULL;
    if (chunk->left < inflated->page_size) {
        /* Workers that come too late count on; there are too few of them for a wrap. */
        size_t at = atomic_load(&inflated->taken) < inflated->size
                        ? atomic_fetch_add(&inflated->taken, CHUNK_BYTES)
                        : inflated->size;
        if (at >= inflated->size)
            return NULL;
        *chunk = (struct inflated_chunk){inflated->memory + at, CHUNK_BYTES};
    }
    return chunk->at;
}

void inflated_add(struct cramfs_inflated *inflated, struct inflated_chunk *chunk, size_t extent,
                  const struct cramfs_block_detail *detail, bool in_room)
{
    if (!inflated || !inflated->blocks)
        return;
    inflated->blocks[extent] =
        (struct inflated_block){in_room ? chunk->at : NULL, detail->written, detail->used};
    if (!in_room)
        return;
    chunk->at += detail->written;
    chunk->left -= detail->written;
}

struct inflated_block inflated_at(const struct cramfs_inflated *inflated, size_t extent)
{
    return inflated && inflated->blocks ? inflated->blocks[extent] : (struct inflated_block){0};
}

const struct cramfs_inflated *inflated_of(const struct cramfs_inflated *inflated,
                                          const struct cramfs_survey *survey)
{
    return inflated && inflated->size && inflated->survey == survey ? inflated : NULL;
}

const unsigned char *inflated_find(const struct cramfs_inflated *inflated,
                                   const struct cramfs_table *table, uint32_t index,
                                   const struct cramfs_block *block, uint32_t length, size_t *next)
{
    struct cramfs_extent extent;
    if (!inflated || !cramfs_block_extent(table, index, block, &extent))
        return NULL;
    const struct cramfs_extents *extents = &inflated->survey->extents;
    size_t number = cramfs_extents_find(extents, &extent, *next);
    *next = number + 1;
    return number < extents->list_count && inflated->blocks[number].length >= length
               ? inflated->blocks[number].bytes
               : NULL;
}

struct inflated_block inflated_of_block(const struct cramfs_inflated *inflated, uint64_t offset,
                                        uint64_t length)
{
    static const uint32_t prefixes[] = {0, CRAMFS_DIRECT_PREFIX};
    for (size_t i = 0; inflated && inflated->blocks && i < 2; i++) {
        struct cramfs_extent wanted = {.offset = offset - prefixes[i],
                                       .length = length + prefixes[i],
                                       .kind = CRAMFS_EXTENT_DEFLATED,
                                       .prefix = prefixes[i]};
        size_t number = cramfs_extents_find(&inflated->survey->extents, &wanted, 0);
        if (number < inflated->survey->extents.list_count)
            return inflated->blocks[number];
    }
    return (struct inflated_block){0};
}
