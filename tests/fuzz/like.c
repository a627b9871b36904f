/*
 * Images like older ones. The input is an older image; if it is accepted, releases are built one
 * after the other, the first like the input, each other like the one before. Only the number of
 * erase blocks that differ may depend on the older image. A hash of the input chooses options and
 * edits.
 */
#include "prove.h"
#include "release.h"

#include <stdlib.h>
#include <string.h>

enum { RELEASES = 2 };

struct older {
    unsigned char *bytes;
    size_t size;
};

/* Seeds have no zeroes at their end: here they are needed, up to the size that the image has. */
static void lengthen(struct older *older, uint32_t size)
{
    if (size <= older->size || size > FUZZ_MOST_BYTES)
        return;
    older->bytes = realloc(older->bytes, size);
    FUZZ_EXPECT(older->bytes);
    memset(older->bytes + older->size, 0, size - older->size);
    older->size = size;
}

static void store_word(unsigned char *to, enum cramfs_order order, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (unsigned char)(word >> (order == CRAMFS_BIG ? 24 - 8 * i : 8 * i));
}

/*
 * Nearly every mutation breaks the CRC, and an image with a wrong CRC is refused. So the CRC is
 * corrected, except in swapped images.
 */
static void seal(struct older *older, uint32_t page_size)
{
    struct cramfs_image image;
    if (!fuzz_open_image(older->bytes, older->size, page_size, &image))
        return;
    uint64_t super = image.offset + image.super_offset;
    if (image.swap == CRAMFS_SWAP_NONE && image.super.flags & CRAMFS_FLAG_FSID_VERSION_2)
        store_word(older->bytes + super + CRAMFS_SUPER_CRC_OFFSET, image.order,
                   cramfs_image_crc(&image));
    cramfs_image_close(&image);
}

/* The options for which the input can be an older image. */
static bool describe(struct older *older, struct numbers *numbers,
                     struct cramfs_plan_options *options)
{
    struct cramfs_image image;
    cramfs_plan_options_init(options);
    options->page_size = fuzz_page_size(older->bytes, older->size);
    if (!fuzz_open_image(older->bytes, older->size, options->page_size, &image))
        return false;
    options->order = image.order;
    options->swap = image.swap;
    options->boot_area = image.super_offset && next_number(numbers, 16);
    uint32_t wanted = image.super.size;
    cramfs_image_close(&image);
    lengthen(older, wanted);
    seal(older, options->page_size);
    return true;
}

static void choose_options(struct numbers *numbers, struct cramfs_plan_options *options)
{
    static const unsigned slacks[] = {0, 5, 100, 1000};
    static const unsigned char inserted[] = "behind the superblock";
    options->kernel = next_number(numbers, 2) ? CRAMFS_KERNEL_NOMMU : CRAMFS_KERNEL_MMU;
    options->holes = next_number(numbers, 8);
    options->legacy = !next_number(numbers, 8);
    options->xip = next_number(numbers, 3) ? CRAMFS_XIP_NONE + next_number(numbers, CRAMFS_XIP_FILE)
                                           : CRAMFS_XIP_FILE;
    if (options->legacy)
        options->xip = CRAMFS_XIP_NONE;
    options->choose = !next_number(numbers, 8);
    options->budget = next_number(numbers, 100000);
    options->compressor =
        next_number(numbers, 4) ? CRAMFS_COMPRESSOR_DEFAULT : CRAMFS_COMPRESSOR_ZLIB;
    options->level = next_number(numbers, 2) ? 1 : 6;
    options->erase_block = next_number(numbers, 4) ? 256u << next_number(numbers, 9)
                                                   : 256 + 4 * next_number(numbers, 1000);
    options->slack = slacks[next_number(numbers, 4)];
    options->most_bytes = next_number(numbers, 16) ? UINT64_MAX : next_number(numbers, 1 << 16);
    options->jobs = 1 + !next_number(numbers, 16);
    options->insert = inserted;
    options->insert_length = next_number(numbers, 16) ? 0 : next_number(numbers, sizeof(inserted));
}

static int open_older(const struct older *older, const struct cramfs_plan_options *options,
                      struct cramfs_like_image *like)
{
    const struct cramfs_like_options like_options = {
        .order = options->order,
        .page_size = options->page_size,
        .kernel = options->kernel,
        .swap = options->swap,
        .jobs = 1,
    };
    return cramfs_like_open(fuzz_file(older->bytes, older->size), &like_options, like, NULL);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Erase blocks that differ, with those that only one image has. */
static uint64_t count_differing(const struct older *a, const struct older *b, uint64_t unit)
{
    uint64_t end = a->size > b->size ? a->size : b->size;
    uint64_t count = 0;
    for (uint64_t at = 0; at < end; at += unit) {
        uint64_t length = least(unit, end - at);
        count += at + length > least(a->size, b->size) ||
                 memcmp(a->bytes + at, b->bytes + at, (size_t)length) != 0;
    }
    return count;
}

/* The older image may be only the first part of the file it is in. */
static void expect_counted(const struct older *older, uint64_t older_size,
                           const struct older *newer, const struct cramfs_plan_options *options,
                           const struct cramfs_like_summary *summary)
{
    const struct older held = {older->bytes, (size_t)older_size};
    uint64_t most = summary->fresh_size + summary->fresh_size * options->slack / 100;
    FUZZ_EXPECT(newer->size <= most);
    FUZZ_EXPECT(!summary->kept || newer->size <= options->most_bytes);
    FUZZ_EXPECT(summary->differing == count_differing(&held, newer, options->erase_block));
}

/* One release, like the older image, if that is accepted. Returns as cramfs_like_open(). */
static int build_like(const struct older *older, struct release *release,
                      struct cramfs_plan_options *options, struct older *newer)
{
    struct cramfs_like_image like;
    struct cramfs_like_summary summary;
    *newer = (struct older){0};
    int error = open_older(older, options, &like);
    if (!error) {
        options->like = &like.like;
        newer->bytes = fuzz_build(release->tree, options, &newer->size, &summary);
        options->like = NULL;
        if (newer->bytes)
            expect_counted(older, like.image.reader.size, newer, options, &summary);
    }
    cramfs_like_close(&like);
    return error;
}

/*
 * Laid out like an image of the same tree, the image is that image. The kernel of an older image is
 * guessed, sometimes wrong if that was laid out like an image for another kernel.
 */
static void expect_same(const struct older *image, struct release *release,
                        struct cramfs_plan_options *options)
{
    struct older again;
    int error = build_like(image, release, options, &again);
    FUZZ_EXPECT(!error || error == -CRAMFS_ERR_USAGE);
    FUZZ_EXPECT(error ||
                (again.size == image->size && memcmp(again.bytes, image->bytes, again.size) == 0));
    free(again.bytes);
}

static bool make_release(const struct older *older, const struct cramfs_plan_options *options,
                         struct numbers *numbers, struct release *release)
{
    static const uint32_t rates[] = {0, 40, 20, 8, 3};
    struct cramfs_like_image like;
    bool made = false;
    *release = (struct release){0};
    if (open_older(older, options, &like) == 0) {
        uint32_t rate = rates[next_number(numbers, sizeof(rates) / sizeof(*rates))];
        made = release_make(&like, numbers, rate, release);
    }
    cramfs_like_close(&like);
    return made;
}

/* Puts the next release in the place of the older one. Returns false if there is none. */
static bool update(struct older *older, struct cramfs_plan_options *options,
                   struct numbers *numbers)
{
    struct release release;
    struct older newer = {0};
    bool built = make_release(older, options, numbers, &release) &&
                 build_like(older, &release, options, &newer) == 0 && newer.bytes;
    if (built) {
        expect_same(&newer, &release, options);
        free(older->bytes);
        *older = newer;
    }
    release_free(&release);
    return built;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct numbers numbers = {fuzz_hash(bytes, size)};
    struct cramfs_plan_options options;
    struct older older = {malloc(size + 1), size};
    FUZZ_EXPECT(older.bytes);
    memcpy(older.bytes, bytes, size);
    bool goes_on = describe(&older, &numbers, &options);
    for (int i = 0; goes_on && i < RELEASES; i++) {
        if (!i || !next_number(&numbers, 4)) /* few releases change their options */
            choose_options(&numbers, &options);
        goes_on = update(&older, &options, &numbers);
    }
    free(older.bytes);
    return 0;
}
