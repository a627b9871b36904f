#include "cli/cramfs-dump/html.h"

#include <string.h>

#include "cli/common/output.h"
#include "cramfs/html.h"

struct page {
    const struct cramfs_view *view;
    struct cramfs_html_options options;
    struct cramfs_diags *diags;
};

static int write_page(void *context, FILE *out)
{
    const struct page *page = context;
    return cramfs_print_html(out, page->view, &page->options, page->diags);
}

/* The file's name without its directories: a page may go to others. */
static const char *title_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(path, "-") == 0 ? "standard input" : slash ? slash + 1 : path;
}

/*
 * The kernel that maps the image: from the command line, or found from the programs in the image.
 */
static int choose_kernel(const struct dump_arguments *arguments, const struct cramfs_view *view,
                         enum cramfs_kernel *kernel)
{
    bool nommu = false;
    int error = 0;
    if (!arguments->kernel_given)
        error = cramfs_made_for_nommu(view->image, view->survey, &nommu);
    *kernel = nommu ? CRAMFS_KERNEL_NOMMU : arguments->kernel;
    return error;
}

static int write_to(const char *path, struct page *page)
{
    if (path)
        return write_output_file(path, write_page, page, page->diags);
    return write_page(page, stdout);
}

int write_html(const struct dump_arguments *arguments, const struct cramfs_view *view,
               const struct cramfs_view *old_view, struct cramfs_diags *diags)
{
    const char *image = arguments->new_image ? arguments->new_image : arguments->open.image;
    const char *inputs[5] = {arguments->open.image, image};
    struct cramfs_profile *profile = NULL;
    struct page page = {
        view,
        {.name = title_of(image), .old_view = old_view, .what_if = arguments->what_if},
        diags};
    unsigned count = 2;
    int error = 0;
    if (arguments->profile)
        inputs[count++] = arguments->profile;
    if (arguments->what_if)
        inputs[count++] = arguments->what_if;
    if (arguments->html)
        error = refuse_input(arguments->html, inputs, "the page", diags);
    if (!error && arguments->profile)
        error = cramfs_profile_read(arguments->profile, &profile, diags);
    if (error == -CRAMFS_ERR_FORMAT)
        error = -CRAMFS_ERR_USAGE; /* the error is not in the image */
    if (!error)
        error = choose_kernel(arguments, view, &page.options.kernel);
    page.options.profile = profile;
    page.options.erase_block = arguments->erase_block;
    if (!error)
        error = write_to(arguments->html, &page);
    cramfs_profile_free(profile);
    return error;
}
