#include "cli/mkcramfs-xip/what_if.h"

#include <errno.h>
#include <string.h>

/* The option with the smallest bound of the image's size. */
static struct cramfs_what_if_bound bound_of(const struct arguments *arguments,
                                            const struct cramfs_what_if *curve)
{
    const struct flash_arguments *flash = &arguments->flash;
    if (!arguments->plan.fit)
        return (struct cramfs_what_if_bound){"--xip-budget",
                                             curve->bare_size + arguments->plan.budget};
    const char *name = flash->fit && flash->fit <= flash->max_size ? "--fit" : "--max-size";
    if (flash->pad_to && flash->pad_to == arguments->plan.fit && flash->pad_to != flash->fit)
        name = "--pad-to";
    return (struct cramfs_what_if_bound){name, arguments->plan.fit};
}

int print_what_if(const struct arguments *arguments, struct cramfs_tree *tree)
{
    struct cramfs_what_if curve;
    int error = cramfs_what_if_create(tree, &arguments->plan, arguments->diags, &curve);
    if (!error) {
        const struct cramfs_what_if_bound bound = bound_of(arguments, &curve);
        error = cramfs_print_what_if(&curve, tree, &arguments->plan, &bound,
                                     arguments->outputs.what_if_form, stdout);
        if (error == -CRAMFS_ERR_MEMORY)
            cramfs_fail_memory(arguments->diags);
        else if (error || fflush(stdout) != 0)
            error = cramfs_fail(arguments->diags, CRAMFS_ERR_IO, NULL,
                                "cannot write to standard output: %s", strerror(errno));
    }
    cramfs_what_if_free(&curve);
    return error;
}
