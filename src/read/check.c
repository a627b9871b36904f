#include "read/check.h"

int cramfs_check(const struct cramfs_image *image, const struct cramfs_survey *survey,
                 unsigned jobs, const struct cramfs_listener *listener)
{
    struct checking checking = {image, survey, listener, jobs};
    int error = check_super(&checking);
    if (!error)
        error = check_entries(&checking);
    return error ? error : check_blocks(&checking);
}
