#include "read/check/check.h"

#include "base/options.h"

int cramfs_check(const struct cramfs_image *image, const struct cramfs_survey *survey,
                 const struct cramfs_check_options *given, const struct cramfs_listener *listener)
{
    struct cramfs_check_options options;
    options_copy(&options, sizeof(options), given);
    struct checking checking = {image, survey, &options, listener};
    int error = check_super(&checking);
    if (!error)
        error = check_entries(&checking);
    if (!error)
        error = check_sharing(&checking);
    return error ? error : check_blocks(&checking);
}
