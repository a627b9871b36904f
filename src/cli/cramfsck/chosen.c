#include "cli/cramfsck/chosen.h"

#include <stdlib.h>

#include "cramfs/choose.h"

int choose_paths(const struct cramfsck_arguments *arguments, const struct cramfs_survey *survey,
                 bool **chosen, struct cramfs_diags *diags)
{
    *chosen = NULL;
    if (!arguments->open.paths_count)
        return 0;
    *chosen = calloc(survey->entries.list_count, sizeof(**chosen));
    if (!*chosen)
        return cramfs_fail_memory(diags);
    for (unsigned i = 0; i < arguments->open.paths_count; i++) {
        int error = cramfs_choose(survey, arguments->open.paths[i], *chosen, diags);
        if (error)
            return error;
    }
    cramfs_choose_listed(survey, true, *chosen); /* and all that is below */
    return 0;
}
