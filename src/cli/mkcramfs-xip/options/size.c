#include "cli/mkcramfs-xip/options/size.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "cli/mkcramfs-xip/advice.h"

enum { PADDING_AT_ONCE = 65536 };

static uint64_t padded_size(const struct arguments *arguments, uint64_t size)
{
    if (arguments->flash.pad_to_erase_block)
        return (size + arguments->flash.erase_block - 1) / arguments->flash.erase_block *
               arguments->flash.erase_block;
    return arguments->flash.pad_to > size ? arguments->flash.pad_to : size;
}

int fit_size(const struct arguments *arguments, struct cramfs_tree *tree,
             const struct cramfs_plan *plan, uint64_t *size)
{
    uint64_t bare = cramfs_plan_summary(plan)->image_size;
    *size = padded_size(arguments, bare);
    uint64_t limit = arguments->flash.max_size;
    const char *option = "--max-size";
    if (arguments->flash.fit && arguments->flash.fit <= limit) {
        limit = arguments->flash.fit;
        option = "--fit";
    }
    if (arguments->flash.pad_to && arguments->flash.pad_to < limit) {
        limit = arguments->flash.pad_to;
        option = "--pad-to";
    }
    if (*size <= limit)
        return 0;
    cramfs_fail(arguments->diags, CRAMFS_ERR_LIMIT, arguments->operands.image,
                "the image would have %" PRIu64 " bytes, %" PRIu64 " bytes over %s", *size,
                *size - limit, option);
    advise(arguments, tree, limit);
    return -CRAMFS_ERR_LIMIT;
}

int write_padding(const struct arguments *arguments, int file, uint64_t length)
{
    unsigned char *bytes = length ? malloc(PADDING_AT_ONCE) : NULL;
    int error = length && !bytes ? cramfs_fail_memory(arguments->diags) : 0;
    if (bytes)
        memset(bytes, arguments->flash.fill, PADDING_AT_ONCE);
    while (length && !error) {
        size_t piece = length < PADDING_AT_ONCE ? (size_t)length : PADDING_AT_ONCE;
        if (!io_write(file, bytes, piece))
            error = cramfs_fail(arguments->diags, CRAMFS_ERR_IO, arguments->operands.image,
                                "cannot write: %s", strerror(errno));
        length -= piece;
    }
    free(bytes);
    return error;
}
