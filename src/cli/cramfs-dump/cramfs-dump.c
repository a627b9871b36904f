/*
 * cramfs-dump: shows the contents of an image, and where everything is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/pool.h"
#include "cli/common/common.h"
#include "cli/common/terminal.h"
#include "cli/cramfs-dump/html.h"
#include "cli/cramfs-dump/open.h"
#include "cli/cramfs-dump/options.h"
#include "cli/cramfs-dump/update.h"
#include "cramfs/cat.h"
#include "cramfs/choose.h"
#include "cramfs/diff.h"
#include "cramfs/erase_blocks.h"
#include "cramfs/listing.h"
#include "cramfs/manifest.h"
#include "cramfs/map.h"
#include "cramfs/usage.h"

struct dumping {
    const struct dump_arguments *arguments;
    const struct cramfs_view *view;
    const struct cramfs_view *new_view; /* of --diff and --html; NULL: one image */
    bool *chosen;                       /* entries that PATHs name */
    bool different;
    struct cramfs_diags *diags;
};

static int dump_list(struct dumping *dumping)
{
    const struct dump_arguments *arguments = dumping->arguments;
    cramfs_choose_listed(dumping->view->survey, arguments->recursive, dumping->chosen);
    if (arguments->json)
        return cramfs_print_list_json(stdout, dumping->view, dumping->chosen);
    return cramfs_print_list(stdout, dumping->view, dumping->chosen, arguments->detailed);
}

static int dump_super(struct dumping *dumping)
{
    return dumping->arguments->json ? cramfs_print_super_json(stdout, dumping->view->image)
                                    : cramfs_print_super(stdout, dumping->view->image);
}

static int dump_cat(struct dumping *dumping)
{
    return cramfs_cat(stdout, dumping->view, dumping->chosen, dumping->diags);
}

static int dump_stat(struct dumping *dumping)
{
    return dumping->arguments->json ? cramfs_print_stat_json(stdout, dumping->view, dumping->chosen)
                                    : cramfs_print_stat(stdout, dumping->view, dumping->chosen);
}

static int dump_extents(struct dumping *dumping)
{
    struct cramfs_survey *survey = dumping->view->survey;
    cramfs_extents_merge(&survey->extents);
    if (dumping->arguments->json)
        return cramfs_print_extents_json(stdout, dumping->view);
    return cramfs_print_extents(stdout, &survey->extents, dumping->view->image->reader.size,
                                cramfs_survey_owner_path, survey);
}

static int dump_du(struct dumping *dumping)
{
    struct cramfs_usage usage;
    const struct dump_arguments *arguments = dumping->arguments;
    struct cramfs_du_options options = {.depth = arguments->depth};
    if (arguments->open.paths_count || arguments->depth_given)
        options.chosen = dumping->chosen;
    int error = cramfs_usage(dumping->view, &usage);
    if (!error)
        error = arguments->json ? cramfs_print_usage_json(stdout, dumping->view, &usage, &options)
                                : cramfs_print_usage(stdout, dumping->view, &usage, &options);
    cramfs_usage_free(&usage);
    return error;
}

static struct cramfs_map_options map_options(const struct dump_arguments *arguments)
{
    struct terminal terminal = terminal_look();
    return (struct cramfs_map_options){.erase_block = arguments->erase_block,
                                       .columns = terminal.columns,
                                       .colours = terminal.colours};
}

static int dump_map(struct dumping *dumping)
{
    struct cramfs_map_options options = map_options(dumping->arguments);
    if (dumping->arguments->svg) {
        cramfs_extents_merge(&dumping->view->survey->extents);
        return cramfs_print_map_svg(stdout, dumping->view, &options);
    }
    struct cramfs_usage usage;
    int error = cramfs_usage(dumping->view, &usage);
    if (!error)
        error = cramfs_print_map(stdout, dumping->view, &usage, &options);
    cramfs_usage_free(&usage);
    return error;
}

static int dump_mtree(struct dumping *dumping)
{
    return cramfs_print_mtree(stdout, dumping->view, dumping->diags);
}

static int dump_device_table(struct dumping *dumping)
{
    return cramfs_print_device_table(stdout, dumping->view, dumping->diags);
}

static int dump_tar(struct dumping *dumping)
{
    return cramfs_write_tar(stdout, dumping->view, dumping->arguments->max_extract, dumping->diags);
}

static int show_diff(const struct dumping *dumping, const struct cramfs_diff *diff)
{
    bool json = dumping->arguments->json;
    if (!dumping->arguments->blocks)
        return json ? cramfs_print_diff_json(stdout, diff) : cramfs_print_diff(stdout, diff);
    return json ? cramfs_print_erase_blocks_json(stdout, diff, dumping->diags)
                : cramfs_print_erase_blocks(stdout, diff, dumping->diags);
}

static int dump_diff(struct dumping *dumping)
{
    struct cramfs_diff diff;
    if (dumping->arguments->update)
        return write_update(dumping->arguments, dumping->view, dumping->new_view, dumping->diags);
    int error = cramfs_diff(dumping->view, dumping->new_view, dumping->arguments->erase_block,
                            pool_default_threads(), &diff);
    if (!error)
        error = show_diff(dumping, &diff);
    dumping->different = !diff.same_bytes || diff.changes_count;
    cramfs_diff_free(&diff);
    return error;
}

static int dump_html(struct dumping *dumping)
{
    const struct cramfs_view *old_view = dumping->new_view ? dumping->view : NULL;
    const struct cramfs_view *view = dumping->new_view ? dumping->new_view : dumping->view;
    return write_html(dumping->arguments, view, old_view, dumping->diags);
}

static int (*const dumps[DUMP_MODES_COUNT])(struct dumping *) = {
    [DUMP_LIST] = dump_list, [DUMP_SUPER] = dump_super,     [DUMP_CAT] = dump_cat,
    [DUMP_STAT] = dump_stat, [DUMP_EXTENTS] = dump_extents, [DUMP_DU] = dump_du,
    [DUMP_MAP] = dump_map,   [DUMP_MTREE] = dump_mtree,     [DUMP_DEVICE_TABLE] = dump_device_table,
    [DUMP_TAR] = dump_tar,   [DUMP_DIFF] = dump_diff,       [DUMP_HTML] = dump_html,
};

/* The entries that the command line names; the root when it names none. */
static int choose(struct dumping *dumping)
{
    const struct dump_arguments *arguments = dumping->arguments;
    const struct cramfs_survey *survey = dumping->view->survey;
    dumping->chosen = calloc(survey->entries.list_count, sizeof(*dumping->chosen));
    if (!dumping->chosen)
        return -CRAMFS_ERR_MEMORY;
    int result = 0;
    for (unsigned i = 0; i < arguments->open.paths_count; i++) {
        int error =
            cramfs_choose(survey, arguments->open.paths[i], dumping->chosen, dumping->diags);
        result = error ? error : result;
    }
    if (arguments->open.paths_count == 0)
        dumping->chosen[0] = true;
    return result;
}

static void warn_of_damage(const struct dumping *dumping, const char *path,
                           const struct cramfs_view *view, int *code)
{
    if (!view || !view->damage->errors)
        return;
    cramfs_report(dumping->diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, path,
                  "the image is damaged, and not all of it is shown; cramfsck prints the errors");
    if (*code == EXIT_CLEAN)
        *code = EXIT_ERRORS_LEFT;
}

static int exit_code(const struct dumping *dumping, int error)
{
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(dumping->diags);
    if (error && error != -CRAMFS_ERR_FORMAT)
        return EXIT_OPERATIONAL;
    int code = error ? EXIT_ERRORS_LEFT : dumping->different ? EXIT_DIFFERENT : EXIT_CLEAN;
    if (dumping->arguments->update) /* which reports its own errors */
        return code;
    warn_of_damage(dumping, dumping->arguments->open.image, dumping->view, &code);
    warn_of_damage(dumping, dumping->arguments->new_image, dumping->new_view, &code);
    return code;
}

static int dump(const struct dump_arguments *arguments, struct cramfs_diags *diags)
{
    struct cramfs_view *views[2];
    int code = EXIT_OPERATIONAL;
    int error = open_images(arguments, views, diags);
    if (!error) {
        struct dumping dumping = {
            .arguments = arguments, .view = views[0], .new_view = views[1], .diags = diags};
        error = choose(&dumping);
        if (!error)
            error = dumps[arguments->mode](&dumping);
        code = exit_code(&dumping, error);
        free(dumping.chosen);
    }
    cramfs_view_close(views[1]);
    cramfs_view_close(views[0]);
    return code;
}

int main(int argc, char **argv)
{
    struct dump_arguments arguments;
    limit_heaps();
    dump_parse(argc, argv, &arguments);
    struct cramfs_diags diags = {0};
    int code = arguments.open.scan ? scan_image(arguments.open.image, arguments.json, &diags)
                                   : dump(&arguments, &diags);
    print_diags(&diags, 0);
    free_open_arguments(&arguments.open);
    return finish_output(code);
}
