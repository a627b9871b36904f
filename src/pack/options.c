#include <inttypes.h>
#include <string.h>

#include "base/options.h"
#include "base/remedy.h"
#include "cramfs/plan.h"
#include "pack/plan_parts.h"

void cramfs_plan_options_init_size(struct cramfs_plan_options *options, size_t size)
{
    const struct cramfs_plan_options defaults = {
        .size = size,
        .order = CRAMFS_LITTLE,
        .page_size = CRAMFS_MIN_PAGE_SIZE,
        .xip = CRAMFS_XIP_READONLY,
        .kernel = CRAMFS_KERNEL_MMU,
        .budget = UINT64_MAX,
        .holes = true,
        .compressor = CRAMFS_COMPRESSOR_DEFAULT,
        .level = CRAMFS_DEFAULT_LEVEL,
        .jobs = 1,
        .erase_block = CRAMFS_DEFAULT_ERASE_BLOCK,
        .slack = CRAMFS_DEFAULT_SLACK,
        .most_bytes = UINT64_MAX,
    };
    memcpy(options, &defaults, size < sizeof(defaults) ? size : sizeof(defaults));
}

void plan_options_copy(struct cramfs_plan_options *to, const struct cramfs_plan_options *given)
{
    if (given)
        options_copy(to, sizeof(*to), given);
    else
        cramfs_plan_options_init(to);
}

static int check_like(const struct cramfs_plan_options *options, struct cramfs_diags *diags)
{
    if (!options->like)
        return 0;
    if (options->like->order != options->order)
        return with_remedy(
            cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                        "the older image is in the other byte order; build for that byte order"),
            diags, CRAMFS_REMEDY_NO_LIKE, NULL);
    if (options->like->page_size != options->page_size)
        return with_remedy(cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                                       "the older image has pages of %" PRIu32
                                       " bytes, not %" PRIu32 "; build with that page size",
                                       options->like->page_size, options->page_size),
                           diags, CRAMFS_REMEDY_NO_LIKE, NULL);
    if (!options->erase_block)
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "the erase block has 0 bytes; give it at least one byte");
    return 0;
}

/* Of a compressor that this build may not have. */
static const char *library_of(enum cramfs_compressor compressor)
{
    switch (compressor) {
    case CRAMFS_COMPRESSOR_LIBDEFLATE:
        return "libdeflate";
    case CRAMFS_COMPRESSOR_ZOPFLI:
        return "libzopfli";
    case CRAMFS_COMPRESSOR_DEFAULT:
    case CRAMFS_COMPRESSOR_ZLIB:
        break;
    }
    return "that compressor";
}

int cramfs_plan_options_check(const struct cramfs_plan_options *given, struct cramfs_diags *diags)
{
    struct cramfs_plan_options options;
    plan_options_copy(&options, given);
    if (!cramfs_page_size_valid(options.page_size))
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "the block size of %" PRIu32
                           " bytes is not 4096, 8192, 16384, 32768 or 65536",
                           options.page_size);
    if (options.name && strlen(options.name) > sizeof(((struct cramfs_super *)0)->name))
        return cramfs_fail(
            diags, CRAMFS_ERR_USAGE, NULL,
            "the volume name has %zu bytes, over the format's limit of 16 bytes; shorten it",
            strlen(options.name));
    const char *compressor = cramfs_compressor_name(options.compressor);
    if (!compressor)
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "this program was built without %s; install it and build the program "
                           "again, or choose another compressor",
                           library_of(options.compressor));
    int highest = cramfs_compressor_max_level(options.compressor);
    if (options.level < 1 || options.level > highest)
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "level %d is not between 1 and %d, the levels of %s", options.level,
                           highest, compressor);
    return check_like(&options, diags);
}
