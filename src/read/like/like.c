#include "read/like/like.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/options.h"
#include "base/pass_on.h"
#include "base/remedy.h"
#include "cramfs/check.h"
#include "read/inflated.h"

/*
 * The most bytes that the check keeps for the builder, less what the builder itself needs for the
 * blocks of a large image.
 */
enum { MOST_INFLATED = 62 << 20, BYTES_OF_BLOCK = 720 };

static struct cramfs_inflated *create_inflated(const struct cramfs_survey *survey)
{
    uint64_t needed = (uint64_t)survey->extents.list_count * BYTES_OF_BLOCK;
    return cramfs_inflated_create(needed < MOST_INFLATED ? MOST_INFLATED - needed : 0);
}

/* The part of the check's result that decides. */
struct verdict {
    uint64_t errors;
    char first[256]; /* the first error */
    bool shared;     /* pages in place of two inodes, which a kernel without MMU cannot have */
};

static void take_finding(void *context, const struct cramfs_finding *finding)
{
    struct verdict *verdict = context;
    verdict->shared |= finding->rule == CRAMFS_RULE_IN_PLACE_SHARED;
    if (finding->severity != CRAMFS_FINDING_ERROR)
        return;
    if (!verdict->errors++)
        snprintf(verdict->first, sizeof(verdict->first), "%s [%s]", finding->text,
                 cramfs_rule_info(finding->rule)->name);
}

/* Checks it as an image with the given page size. Returns 0 or -CRAMFS_ERR_MEMORY. */
static int check(const struct cramfs_like_options *options, struct cramfs_like_image *like,
                 struct verdict *verdict)
{
    const struct cramfs_listener listener = {take_finding, verdict};
    struct cramfs_check_options check_options = {
        .jobs = options->jobs,
        .crc = CRAMFS_CRC_IS_ERROR,
        .kernel = options->kernel,
    };
    *verdict = (struct verdict){0};
    int error = cramfs_survey(&like->image, &listener, &like->survey);
    cramfs_inflated_free(like->inflated);
    /* Without the memory for it, nothing is kept. */
    like->inflated = check_options.inflated = error ? NULL : create_inflated(&like->survey);
    return error ? error : cramfs_check(&like->image, &like->survey, &check_options, &listener);
}

/* Whether it has no errors as an image with that page size. */
static bool has_page_size(const struct cramfs_like_options *options, struct cramfs_like_image *like,
                          uint32_t page_size)
{
    struct verdict verdict;
    cramfs_survey_free(&like->survey);
    like->image.page_size = page_size;
    int error = check(options, like, &verdict);
    like->image.page_size = options->page_size;
    return !error && !verdict.errors;
}

static int refuse_swap(const char *path, enum cramfs_swap swap, struct cramfs_diags *diags)
{
    char bits[24]; /* as many digits as a size_t can have */
    size_t width = cramfs_swap_width(swap);
    snprintf(bits, sizeof(bits), "%zu", 8 * width);
    if (width < 2)
        return with_remedy(cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                                       "the bytes of the older image are not swapped"),
                           diags, CRAMFS_REMEDY_LIKE_NO_SWAP, NULL);
    return with_remedy(
        cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                    "the bytes of the older image are swapped in each word of %s bits", bits),
        diags, CRAMFS_REMEDY_LIKE_SWAP, bits);
}

static int refuse_pages(const char *path, uint32_t found, uint32_t wanted,
                        struct cramfs_diags *diags)
{
    char pages[16];
    snprintf(pages, sizeof(pages), "%" PRIu32, found);
    return with_remedy(cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                                   "the older image has pages of %s bytes, not %" PRIu32, pages,
                                   wanted),
                       diags, CRAMFS_REMEDY_LIKE_PAGES, pages);
}

/*
 * An image does not store its page size. When the wanted page size is not the most likely one, it
 * is accepted if the image has no errors with it.
 */
static int check_image(const char *path, const struct cramfs_like_options *options,
                       struct cramfs_like_image *like, struct verdict *verdict,
                       struct cramfs_diags *diags)
{
    static const char *const orders[] = {"little", "big"};
    uint32_t found = like->image.page_size;
    if (like->image.order != options->order)
        return with_remedy(cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                                       "the older image is in %s-endian byte order",
                                       orders[like->image.order]),
                           diags, CRAMFS_REMEDY_LIKE_ORDER, orders[like->image.order]);
    if (like->image.swap != options->swap)
        return refuse_swap(path, like->image.swap, diags);
    like->image.page_size = options->page_size;
    if (check(options, like, verdict) != 0)
        return cramfs_fail_memory(diags);
    if (verdict->errors && found != options->page_size && has_page_size(options, like, found))
        return refuse_pages(path, found, options->page_size, diags);
    if (verdict->errors)
        return with_remedy(cramfs_fail(diags, CRAMFS_ERR_FORMAT, path,
                                       "the older image has %" PRIu64
                                       " errors, and the first is: %s",
                                       verdict->errors, verdict->first),
                           diags, CRAMFS_REMEDY_LIKE_DAMAGED, NULL);
    return 0;
}

/* Lists the blocks that the check kept. */
static int list_pages(struct cramfs_like_image *like, struct cramfs_diags *diags)
{
    const struct cramfs_extents *extents = &like->survey.extents;
    like->pages = calloc(extents->list_count + 1, sizeof(*like->pages));
    if (!like->pages)
        return cramfs_fail_memory(diags);
    for (size_t i = 0; i < extents->list_count; i++) {
        struct inflated_block block = inflated_at(like->inflated, i);
        if (!block.bytes)
            continue;
        struct cramfs_table table =
            cramfs_image_table(&like->image, &like->entries[extents->list[i].owner].inode);
        struct cramfs_block found;
        cramfs_block_locate(&table, extents->list[i].first_block, &found);
        like->pages[like->like.pages_count++] =
            (struct cramfs_like_page){found.offset, block.used, block.length, block.bytes};
    }
    like->like.pages = like->pages;
    return 0;
}

static int list_entries(struct cramfs_like_image *like, struct cramfs_diags *diags)
{
    const struct cramfs_survey *survey = &like->survey;
    uint32_t count = survey->entries.list_count;
    like->entries = calloc(count, sizeof(*like->entries));
    if (!like->entries)
        return cramfs_fail_memory(diags);
    for (uint32_t i = 0; i < count; i++) {
        const struct cramfs_entry *entry = &survey->entries.list[i];
        like->entries[i] = (struct cramfs_like_entry){
            .inode = entry->inode,
            .name = entry->name,
            .name_bytes = entry->name_bytes,
            .usable =
                S_ISDIR(entry->inode.mode) ? entry->walked : cramfs_survey_has_blocks(survey, i),
            .parent = i ? entry->parent : CRAMFS_LIKE_NO_PARENT,
        };
    }
    like->like = (struct cramfs_like){
        .reader = &like->image.reader,
        .bytes = cramfs_image_bytes(&like->image, 0, like->image.reader.size),
        .order = like->image.order,
        .page_size = like->image.page_size,
        .entries = like->entries,
        .entries_count = count,
    };
    return 0;
}

int cramfs_like_open(const char *path, const struct cramfs_like_options *given,
                     struct cramfs_like_image *like, struct cramfs_diags *diags)
{
    struct cramfs_like_options options;
    options_copy(&options, sizeof(options), given);
    *like = (struct cramfs_like_image){0};
    if (!cramfs_page_size_valid(options.page_size))
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "the block size of %" PRIu32
                           " bytes is not 4096, 8192, 16384, 32768 or 65536",
                           options.page_size);
    struct verdict verdict;
    struct cramfs_diags found = {0};
    int error = cramfs_image_open(path, NULL, &like->image, &found);
    /* Its notes report the page size that the image seems to have; here another one is wanted. */
    diags_pass_on(&found, path, CRAMFS_ERROR, diags);
    cramfs_diags_free(&found);
    if (!error)
        error = check_image(path, &options, like, &verdict, diags);
    if (!error && options.kernel == CRAMFS_KERNEL_NOMMU && verdict.shared)
        error = with_remedy(cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                                        "the older image is for a kernel with an MMU: files share "
                                        "pages in place"),
                            diags, CRAMFS_REMEDY_LIKE_KERNEL, "mmu");
    if (!error)
        error = like_check_kernel(path, like, options.kernel, diags);
    if (!error)
        error = list_entries(like, diags);
    return error ? error : list_pages(like, diags);
}

void cramfs_like_close(struct cramfs_like_image *like)
{
    if (!like)
        return;
    free(like->entries);
    free(like->pages);
    cramfs_inflated_free(like->inflated);
    cramfs_survey_free(&like->survey);
    cramfs_image_close(&like->image);
    *like = (struct cramfs_like_image){0};
}
