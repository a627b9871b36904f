/*
 * --what-if, and its effect on other options.
 */
#include "cli/mkcramfs-xip/options/options.h"

void parse_what_if(const char *value, struct arguments *arguments)
{
    static const char *const forms[] = {"text", "json", "csv", "svg", NULL};
    static const enum cramfs_what_if_form values[] = {CRAMFS_WHAT_IF_TEXT, CRAMFS_WHAT_IF_JSON,
                                                      CRAMFS_WHAT_IF_CSV, CRAMFS_WHAT_IF_SVG};
    arguments->outputs.what_if = true;
    arguments->outputs.what_if_form =
        value ? values[parse_choice("--what-if", value, forms)] : CRAMFS_WHAT_IF_TEXT;
}

/* Options for an image that is written. */
static void refuse_outputs(const struct arguments *arguments)
{
    const struct {
        bool given;
        const char *name;
    } options[] = {
        {arguments->flash.like, "--like"},          {arguments->outputs.extents, "--extents"},
        {arguments->outputs.depfile, "--depfile"},  {arguments->outputs.stats, "--stats"},
        {arguments->messages.explain, "--explain"},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (options[i].given)
            usage_error("--what-if writes no image; leave out %s", options[i].name);
    }
}

void conclude_what_if(struct arguments *arguments)
{
    if (!arguments->outputs.what_if)
        return;
    refuse_outputs(arguments);
    arguments->plan.choose = true;
    if (arguments->plan.most_bytes != UINT64_MAX && !arguments->xip.budget)
        arguments->plan.fit = arguments->plan.most_bytes ? arguments->plan.most_bytes : 1;
}
