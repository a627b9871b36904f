#include "pack/blocks/last_page.h"

#include <stdlib.h>

#include "cramfs/codec.h"
#include "cramfs/diag.h"

int last_page_needs_plain(const struct cramfs_plan_options *options, const void *page,
                          uint32_t length, bool *needs)
{
    size_t bound = cramfs_deflate_bound(length);
    *needs = false;
    if (bound <= UINT16_MAX)
        return 0;
    struct cramfs_deflater *deflater = cramfs_deflater_create(options->compressor, options->level);
    unsigned char *bytes = malloc(bound);
    int error = deflater && bytes ? 0 : -CRAMFS_ERR_MEMORY;
    size_t deflated = error ? 0 : cramfs_deflate(deflater, page, length, bytes, bound);
    if (!error && !deflated)
        error = -CRAMFS_ERR_MEMORY;
    *needs = deflated > UINT16_MAX;
    free(bytes);
    cramfs_deflater_free(deflater);
    return error;
}
