#include "report/diff/look.h"

#include <string.h>

#include "base/hash.h"
#include "base/zero.h"
#include "codec/with_inflater.h"
#include "format/bytes.h"
#include "read/inflated.h"

struct looker *looker_create(void)
{
    return with_inflater_create(sizeof(struct looker));
}

void looker_free(struct looker *looker)
{
    with_inflater_free(looker);
}

uint32_t place_size(const struct look_images *images, const struct page_place *place)
{
    uint32_t rest = place->file_bytes - place->chunk * images->unit;
    return rest < images->unit ? rest : images->unit;
}

static const struct cramfs_image *image_of(const struct look_images *images,
                                           const struct page_place *place)
{
    return images->views[place->side]->image;
}

static const unsigned char *encoded_bytes(const struct look_images *images,
                                          const struct page_place *place)
{
    return cramfs_image_bytes(image_of(images, place), place->offset, place->length);
}

bool deflated_alike(const struct look_images *images, const struct page_place *a,
                    const struct page_place *b)
{
    if (a->kind != CRAMFS_BLOCK_DEFLATED || b->kind != CRAMFS_BLOCK_DEFLATED ||
        a->length != b->length || a->file_bytes != b->file_bytes || a->chunk != b->chunk ||
        image_of(images, a)->page_size != image_of(images, b)->page_size)
        return false;
    const unsigned char *first = encoded_bytes(images, a);
    const unsigned char *second = encoded_bytes(images, b);
    return first && second && (first == second || memcmp(first, second, a->length) == 0);
}

/* What a check knows about the block. */
static struct inflated_block known_block(const struct look_images *images,
                                         const struct page_place *place)
{
    if (place->kind != CRAMFS_BLOCK_DEFLATED)
        return (struct inflated_block){0};
    return inflated_of_block(images->views[place->side]->inflated, place->offset, place->length);
}

int place_read(const struct look_images *images, struct looker *looker, int room,
               const struct page_place *place, const unsigned char **bytes)
{
    size_t begin = (size_t)place->chunk * images->unit;
    if (place->kind == CRAMFS_BLOCK_STORED && place->length >= place->file_bytes) {
        const unsigned char *stored = encoded_bytes(images, place);
        *bytes = stored ? stored + begin : NULL;
        return stored ? 0 : -CRAMFS_ERR_FORMAT;
    }
    struct inflated_block known = known_block(images, place);
    if (known.bytes && known.length >= place->file_bytes) {
        *bytes = known.bytes + begin;
        return 0;
    }
    struct cramfs_block block = {
        .kind = place->kind,
        .offset = place->offset,
        .length = place->length,
        .file_bytes = place->file_bytes,
    };
    *bytes = looker->pages[room] + begin;
    return cramfs_image_read_block(image_of(images, place), &block, looker->inflater,
                                   looker->pages[room], NULL);
}

/* The bytes of one place; NULL if it does not have LOOK_BYTES. */
static const unsigned char *look_at(const struct look_images *images, struct looker *looker,
                                    struct look *look, int i)
{
    struct look_place *at = &look->places[i];
    const unsigned char *bytes;
    int error = place_read(images, looker, i, &at->place, &bytes);
    if (error && error != -CRAMFS_ERR_FORMAT)
        look->error = error;
    at->result = error                                             ? LOOK_UNREADABLE
                 : all_zero(bytes, place_size(images, &at->place)) ? LOOK_ZEROES
                                                                   : LOOK_BYTES;
    return at->result == LOOK_BYTES ? bytes : NULL;
}

/* If both hold the same, the number of one is that of the other. */
static bool needs_checksum(const struct look *look, int i)
{
    const struct look_place *places = look->places;
    return places[i].fresh && !(look->equal && (i == 1 || !places[1].fresh));
}

static uint64_t make_checksum(uint32_t adler, uint32_t length)
{
    return hash_mix(0, (uint64_t)length << 32 | adler);
}

/* The Adler-32 of so many zeroes. */
static uint32_t adler_of_zeroes(uint32_t length)
{
    return (length % 65521) << 16 | 1;
}

/*
 * Finds the checksum of a block that the check has inflated at the end of its zlib stream, without
 * the bytes. Returns false if they have to be read: they may be zeroes, or not the whole page.
 */
static bool find_checksum(const struct look_images *images, const struct page_place *place,
                          uint64_t *checksum)
{
    enum { TRAILER = 4 };
    struct inflated_block known = known_block(images, place);
    if (known.used < TRAILER || known.length != place->file_bytes ||
        place_size(images, place) != place->file_bytes)
        return false;
    const unsigned char *from = encoded_bytes(images, place);
    uint32_t adler = from ? load32(CRAMFS_BIG, from + known.used - TRAILER) : 0;
    *checksum = make_checksum(adler, place->file_bytes);
    return from && adler != adler_of_zeroes(place->file_bytes);
}

/* Fills in the results of two places that hold the same, if nothing needs to be read for that. */
static bool look_at_stream(const struct look_images *images, struct look *look)
{
    struct look_place *places = look->places;
    uint64_t checksum;
    if (!find_checksum(images, &places[0].place, &checksum))
        return false;
    for (int i = 0; i < 2; i++) {
        places[i].result = LOOK_BYTES;
        places[i].checksum = checksum;
    }
    look->equal = true;
    return true;
}

uint64_t place_hash(const struct look_images *images, const struct page_place *place,
                    const unsigned char *bytes)
{
    return hash_bytes(bytes, place_size(images, place), 0);
}

void look(const struct look_images *images, struct looker *looker, struct look *look)
{
    struct look_place *places = look->places;
    bool alike = look->count == 2 && deflated_alike(images, &places[0].place, &places[1].place);
    const unsigned char *bytes[2] = {NULL, NULL};
    look->error = 0;
    places[0].hashed = places[1].hashed = false;
    if (alike && look_at_stream(images, look))
        return;
    for (int i = 0; i < (alike ? 1 : look->count); i++)
        bytes[i] = look_at(images, looker, look, i);
    if (alike)
        places[1].result = places[0].result;
    uint32_t size = place_size(images, &places[0].place);
    look->equal = alike ? bytes[0] != NULL
                        : bytes[0] && bytes[1] && size == place_size(images, &places[1].place) &&
                              memcmp(bytes[0], bytes[1], size) == 0;
    for (int i = 0; i < look->count; i++) {
        if (!bytes[i] || !needs_checksum(look, i))
            continue;
        uint32_t length = place_size(images, &places[i].place);
        places[i].checksum = make_checksum(cramfs_adler32(bytes[i], length), length);
        places[i].hash = place_hash(images, &places[i].place, bytes[i]);
        places[i].hashed = true;
    }
}
