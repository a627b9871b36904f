#include "base/options.h"
#include "report/what_if/what_if.h"

int cramfs_print_what_if(const struct cramfs_what_if *curve, const struct cramfs_tree *tree,
                         const struct cramfs_plan_options *given,
                         const struct cramfs_what_if_bound *bound, enum cramfs_what_if_form form,
                         FILE *out)
{
    static int (*const forms[])(const struct what_if_report *) = {
        [CRAMFS_WHAT_IF_TEXT] = what_if_text,
        [CRAMFS_WHAT_IF_JSON] = what_if_json,
        [CRAMFS_WHAT_IF_CSV] = what_if_csv,
        [CRAMFS_WHAT_IF_SVG] = what_if_svg,
    };
    struct cramfs_plan_options options;
    cramfs_plan_options_init(&options);
    if (given)
        options_copy(&options, sizeof(options), given);
    const struct what_if_report report = {
        .curve = curve,
        .tree = tree,
        .options = &options,
        .bound = curve->bounded ? bound : NULL,
        .out = out,
    };
    int error = forms[form](&report);
    return !error && ferror(out) ? -CRAMFS_ERR_IO : error;
}
