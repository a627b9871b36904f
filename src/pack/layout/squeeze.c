#include "pack/layout/squeeze.h"

#include <stdlib.h>

struct squeezing {
    struct encoded_tree *encoded;
    uint32_t page_size;
    struct cramfs_deflater *deflater;
    struct cramfs_inflater *inflater;
    unsigned char *page;
    unsigned char *smaller;
    int64_t to_try; /* bytes of blocks that may still be compressed again */
};

/*
 * The highest level gains about 1 % on blocks of a page. What has not gained a byte in 128 is not
 * going to, and the time is better spent elsewhere.
 */
enum { TRY_FOR_EACH_BYTE = 128, TRY_AT_LEAST = 65536 };

/* Compresses one block again; `*saved` grows by what that gains. */
static int squeeze_block(struct squeezing *squeezing, struct encoded_block *block, uint64_t *saved)
{
    size_t used;
    size_t size;
    int error = cramfs_inflate(squeezing->inflater, block->data, block->length, squeezing->page,
                               squeezing->page_size, &used, &size);
    if (error)
        return -CRAMFS_ERR_INTERNAL;
    size_t length = cramfs_deflate(squeezing->deflater, squeezing->page, size, squeezing->smaller,
                                   cramfs_deflate_bound(size));
    if (!length || length >= block->length)
        return 0;
    *saved += block->length - length;
    return block_store_replace(&squeezing->encoded->store, block, squeezing->smaller,
                               (uint32_t)length);
}

/*
 * Goes on from piece *next until `wanted` bytes are saved, no more are to be tried, or there are no
 * more pieces.
 */
static int squeeze_pieces(struct squeezing *squeezing, const struct arrangement *arrangement,
                          uint64_t wanted, size_t *next)
{
    uint64_t saved = 0;
    while (saved < wanted && squeezing->to_try > 0 && *next < arrangement->pieces_count) {
        struct encoded_block *block =
            &squeezing->encoded->store.blocks[arrangement->pieces[*next].block];
        bool first = block->piece == *next;
        ++*next;
        if (block->form != FORM_DEFLATED || !first)
            continue;
        squeezing->to_try -= block->length;
        int error = squeeze_block(squeezing, block, &saved);
        if (error)
            return error;
    }
    return 0;
}

/* How many bytes stand in the last page in front of the zone, if alignment is why; else 0. */
static uint64_t spill(const struct layout *layout, uint32_t page_size)
{
    uint64_t bytes = layout->before_zone % page_size;
    bool by_page = layout->has_zone && layout->zone_unit == page_size;
    return by_page && bytes <= layout->alignment ? bytes : 0;
}

static int prepare(struct squeezing *squeezing, const struct cramfs_plan_options *options)
{
    squeezing->deflater = cramfs_deflater_create(options->compressor,
                                                 cramfs_compressor_max_level(options->compressor));
    squeezing->inflater = cramfs_inflater_create();
    squeezing->page = malloc(squeezing->page_size);
    squeezing->smaller = malloc(cramfs_deflate_bound(squeezing->page_size));
    bool ready =
        squeezing->deflater && squeezing->inflater && squeezing->page && squeezing->smaller;
    return ready ? 0 : -CRAMFS_ERR_MEMORY;
}

int squeeze(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
            struct encoded_tree *encoded, struct arrangement *arrangement, struct layout *layout,
            struct cramfs_diags *diags)
{
    struct squeezing squeezing = {.encoded = encoded, .page_size = options->page_size};
    uint64_t excess = spill(layout, options->page_size);
    if (!excess || options->level == cramfs_compressor_max_level(options->compressor))
        return 0;
    squeezing.to_try = (int64_t)excess * TRY_FOR_EACH_BYTE + TRY_AT_LEAST;
    int error = prepare(&squeezing, options);
    /* Alignment swallows some of what is saved: twice as much each time makes the rounds few. */
    uint64_t factor = 1;
    for (size_t next = 0;
         !error && excess && squeezing.to_try > 0 && next < arrangement->pieces_count;
         factor *= 2) {
        error = squeeze_pieces(&squeezing, arrangement, excess * factor, &next);
        if (error)
            break;
        layout_free(layout);
        error = lay_out(tree, options, encoded, arrangement, layout, diags);
        excess = spill(layout, options->page_size);
    }
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    if (error == -CRAMFS_ERR_INTERNAL)
        cramfs_fail(diags, CRAMFS_ERR_INTERNAL, NULL,
                    "a block of ours does not inflate; no image is written. This is a bug: please "
                    "report it with the tree");
    cramfs_deflater_free(squeezing.deflater);
    cramfs_inflater_free(squeezing.inflater);
    free(squeezing.page);
    free(squeezing.smaller);
    return error;
}
