/*
 * Guesses the kernel that an older image is for; the image does not say. Runs in place show it: for
 * a kernel with an MMU they begin at a page boundary, for a kernel without one at any multiple of 4
 * bytes.
 *
 * Some runs show nothing. Pages that no compressor makes smaller are stored wherever they happen to
 * be, so a run of such pages does not count. Where other pages are stored that no kernel maps, no
 * run counts. And if the wanted kernel maps any page of the image, the image is for that kernel.
 */
#include "read/like/like.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/remedy.h"
#include "cramfs/codec.h"
#include "cramfs/xip_report.h"

struct kernel_guess {
    const struct cramfs_like_image *like;
    struct cramfs_deflater *deflater;
    unsigned char *room; /* for the compressed page */
    uint64_t aligned;    /* runs of two pages or more that begin at a page boundary */
    uint64_t others;     /* runs that begin elsewhere */
    bool stored;         /* see look_for_stored() */
};

static bool compresses(const struct kernel_guess *guess, const struct cramfs_block *block)
{
    if (block->length > guess->like->image.page_size)
        return false;
    const unsigned char *bytes =
        cramfs_image_bytes(&guess->like->image, block->offset, block->length);
    size_t stored = (size_t)block->length;
    size_t length =
        cramfs_deflate(guess->deflater, bytes, stored, guess->room, cramfs_deflate_bound(stored));
    return length && length < stored;
}

static void end_run(struct kernel_guess *guess, uint32_t page_size, uint64_t begin, uint32_t pages,
                    bool chosen)
{
    if (pages > 1 && chosen)
        (*(begin % page_size ? &guess->others : &guess->aligned))++;
}

static void count_runs(struct kernel_guess *guess, const struct cramfs_table *table)
{
    uint32_t blocks = cramfs_block_count(table->size, table->page_size);
    uint64_t begin = 0;
    uint32_t pages = 0;
    bool chosen = false;
    for (uint32_t i = 0; i < blocks; i++) {
        struct cramfs_block block;
        cramfs_block_locate(table, i, &block);
        bool direct = !block.fault && block.direct && block.kind == CRAMFS_BLOCK_STORED;
        if (!direct || !pages || block.offset != begin + (uint64_t)pages * table->page_size) {
            end_run(guess, table->page_size, begin, pages, chosen);
            begin = block.offset;
            pages = 0;
            chosen = false;
        }
        pages += direct;
        chosen = chosen || (direct && compresses(guess, &block));
    }
    end_run(guess, table->page_size, begin, pages, chosen);
}

/* Looks for blocks that would compress, and are stored where no kernel maps them. */
static void look_for_stored(struct kernel_guess *guess, const struct cramfs_table *table)
{
    uint32_t blocks = cramfs_block_count(table->size, table->page_size);
    for (uint32_t i = 0; i < blocks && !guess->stored; i++) {
        struct cramfs_block block;
        cramfs_block_locate(table, i, &block);
        guess->stored = !block.fault && !block.direct && block.kind == CRAMFS_BLOCK_STORED &&
                        compresses(guess, &block);
    }
}

static void look_at_all(struct kernel_guess *guess,
                        void (*look)(struct kernel_guess *, const struct cramfs_table *))
{
    const struct cramfs_survey *survey = &guess->like->survey;
    for (uint32_t i = 0; i < survey->entries.list_count; i++) {
        if (survey->inode[i] != i)
            continue;
        struct cramfs_table table =
            cramfs_image_table(&guess->like->image, &survey->entries.list[i].inode);
        look(guess, &table);
    }
}

static int count_direct(const struct cramfs_like_image *like, enum cramfs_kernel kernel,
                        uint64_t *pages)
{
    struct cramfs_xip_report report;
    int error = cramfs_xip_report(&like->image, &like->survey, CRAMFS_ANY_ADDRESS, kernel, &report);
    *pages = error ? 0 : report.direct_pages;
    cramfs_xip_report_free(&report);
    return error;
}

/* Whether only the other kind of kernel needs such runs. */
static bool seems_other(struct kernel_guess *guess, bool nommu)
{
    look_at_all(guess, count_runs);
    if (nommu ? guess->aligned <= guess->others : guess->aligned >= guess->others)
        return false;
    look_at_all(guess, look_for_stored);
    return !guess->stored;
}

/* How many pages the other kind of kernel maps, if the image is for that kind; otherwise 0. */
static int pages_of_other(struct kernel_guess *guess, enum cramfs_kernel wanted, uint64_t *pages)
{
    bool nommu = wanted == CRAMFS_KERNEL_NOMMU;
    uint64_t of_wanted;
    *pages = 0;
    guess->deflater = cramfs_deflater_create(CRAMFS_COMPRESSOR_DEFAULT, 1);
    guess->room = malloc(cramfs_deflate_bound(guess->like->image.page_size));
    if (!guess->deflater || !guess->room)
        return -CRAMFS_ERR_MEMORY;
    if (!seems_other(guess, nommu))
        return 0;
    int error = count_direct(guess->like, wanted, &of_wanted);
    if (error || of_wanted)
        return error;
    return count_direct(guess->like, nommu ? CRAMFS_KERNEL_MMU : CRAMFS_KERNEL_NOMMU, pages);
}

int like_check_kernel(const char *path, const struct cramfs_like_image *like,
                      enum cramfs_kernel wanted, struct cramfs_diags *diags)
{
    bool nommu = wanted == CRAMFS_KERNEL_NOMMU;
    struct kernel_guess guess = {.like = like};
    uint64_t pages;
    int error = pages_of_other(&guess, wanted, &pages);
    cramfs_deflater_free(guess.deflater);
    free(guess.room);
    if (error)
        return cramfs_fail_memory(diags);
    if (!pages)
        return 0;
    return with_remedy(cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                                   "the older image is for a kernel %s an MMU, which maps %" PRIu64
                                   " of its pages directly; the other kind of kernel maps none",
                                   nommu ? "with" : "without", pages),
                       diags, CRAMFS_REMEDY_LIKE_KERNEL, nommu ? "mmu" : "nommu");
}
