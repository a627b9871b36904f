#include "read/check/check.h"

#include <stdlib.h>

#include "base/options.h"

static struct block_contents *create_contents(size_t count)
{
    struct block_contents *contents = malloc((count ? count : 1) * sizeof(*contents));
    for (size_t i = 0; contents && i < count; i++)
        contents[i] = (struct block_contents){CONTENTS_UNKNOWN, CONTENTS_UNKNOWN, false};
    return contents;
}

int cramfs_check(const struct cramfs_image *image, const struct cramfs_survey *survey,
                 const struct cramfs_check_options *given, const struct cramfs_listener *listener)
{
    struct cramfs_check_options options;
    options_copy(&options, sizeof(options), given);
    struct checking checking = {.image = image,
                                .survey = survey,
                                .options = &options,
                                .listener = listener,
                                .contents = create_contents(survey->extents.list_count)};
    int error = checking.contents ? check_super(&checking) : -CRAMFS_ERR_MEMORY;
    if (!error)
        error = check_entries(&checking);
    if (!error)
        error = check_sharing(&checking);
    if (!error)
        error = check_blocks(&checking);
    if (!error)
        check_owners(&checking);
    free(checking.contents);
    return error;
}
