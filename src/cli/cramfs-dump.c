/*
 * cramfs-dump: shows what is in an image, and where.
 */
#include <stdbool.h>
#include <stdio.h>

#include "cli/open_image.h"
#include "cramfs/listing.h"

enum { KEY_EXTENTS = KEY_FIRST };

static const struct argp_option option_list[] = {
    OPEN_IMAGE_OPTIONS(0),
    {"extents", KEY_EXTENTS, NULL, 0,
     "Print every extent (offset, length, kind, owner) and the gaps, instead of the tree", 0},
    {COMMON_HELP},
    {COMMON_VERSION},
    {0},
};

struct arguments {
    const char *image;
    struct open_arguments open;
    bool extents;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (arguments->image)
            usage_error("'%s' is one operand too many: one IMAGE is wanted", value);
        arguments->image = value;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->image)
            usage_error("an IMAGE is wanted");
        return 0;
    case KEY_EXTENTS:
        arguments->extents = true;
        return 0;
    default:
        if (parse_open_option(key, value, &arguments->open))
            return 0;
        parse_common(key, state);
        return ARGP_ERR_UNKNOWN;
    }
}

/* cramfsck says what is wrong; here it is enough to say that something is. */
static void count_finding(void *context, const struct cramfs_finding *finding)
{
    uint64_t *errors = context;
    *errors += cramfs_rule_info(finding->rule)->severity == CRAMFS_FINDING_ERROR;
}

static int print(const struct arguments *arguments, const struct cramfs_image *image,
                 struct cramfs_survey *survey)
{
    if (arguments->extents) {
        cramfs_extents_merge(&survey->extents);
        return cramfs_print_extents(stdout, &survey->extents, image->reader.size,
                                    cramfs_survey_owner_path, survey);
    }
    int error = cramfs_print_super(stdout, image);
    putchar('\n');
    return error ? error : cramfs_print_tree(stdout, image, survey);
}

static int dump(const struct arguments *arguments, const struct cramfs_image *image,
                struct cramfs_diags *diags)
{
    uint64_t errors = 0;
    struct cramfs_survey survey;
    struct cramfs_listener listener = {count_finding, &errors};
    int error = cramfs_survey(image, &listener, &survey);
    if (!error)
        error = print(arguments, image, &survey);
    cramfs_survey_free(&survey);
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    if (error)
        return EXIT_OPERATIONAL;
    if (errors)
        cramfs_report(diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, arguments->image,
                      "the image is damaged, and not all of it is shown; see cramfsck");
    return errors ? EXIT_ERRORS_LEFT : EXIT_CLEAN;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse_option,
        .args_doc = "IMAGE",
        .doc = "Shows a cramfs IMAGE: its superblock, and its tree with modes, owners, sizes and "
               "data offsets."
               "\vExit status: 0 done; 4 the image is damaged; 8 cannot operate; 16 wrong usage.",
    };
    struct arguments arguments = {0};
    parse_command_line(&argp, argc, argv, &arguments);

    struct cramfs_diags diags = {0};
    struct cramfs_image image;
    int code = EXIT_OPERATIONAL;
    if (arguments.open.scan) {
        code = scan_image(arguments.image, &diags);
    } else if (cramfs_image_open(arguments.image, &arguments.open.options, &image, &diags) == 0) {
        code = dump(&arguments, &image, &diags);
        cramfs_image_close(&image);
    }
    print_diags(&diags, 0);
    return finish_output(code);
}
