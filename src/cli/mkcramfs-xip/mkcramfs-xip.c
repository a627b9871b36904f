/*
 * mkcramfs-xip: builds an image.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/common/cleanup.h"
#include "cli/common/common.h"
#include "cli/common/output.h"
#include "cli/mkcramfs-xip/depfile.h"
#include "cli/mkcramfs-xip/idle.h"
#include "cli/mkcramfs-xip/must_differ.h"
#include "cli/mkcramfs-xip/options/options.h"
#include "cli/mkcramfs-xip/options/size.h"
#include "cli/mkcramfs-xip/outputs.h"
#include "cli/mkcramfs-xip/progress.h"
#include "cli/mkcramfs-xip/summary.h"
#include "cli/mkcramfs-xip/what_if.h"
#include "cramfs/device_table.h"
#include "cramfs/image_source.h"
#include "cramfs/like_image.h"
#include "cramfs/listing.h"
#include "cramfs/rules.h"
#include "cramfs/stats.h"

/* One run of the program. */
struct build {
    struct arguments arguments;
    struct cramfs_xip_rules rules;
    struct cramfs_tree *tree;
    struct cramfs_like_image like;
    struct cramfs_plan *plan;
    struct cramfs_stats stats;
    struct progress progress;
};

static void on_selected(void *context, const struct cramfs_node *node,
                        const struct cramfs_selection *selection)
{
    const struct build *build = context;
    summarize_selection(&build->arguments, node, selection);
}

static void on_progress(void *context, uint64_t done, uint64_t all)
{
    struct build *build = context;
    progress_show(&build->progress, done, all);
}

static size_t node_owner_path(const void *context, uint32_t owner, char *to)
{
    const struct cramfs_tree *tree = context;
    char *path = cramfs_node_path(tree->nodes[owner]);
    to[0] = '\0';
    if (path)
        strncat(to, path, CRAMFS_PATH_SIZE - 1);
    free(path);
    return strlen(to);
}

static int write_extents(void *context, FILE *out)
{
    struct build *build = context;
    struct cramfs_extents extents = {0};
    int error = cramfs_plan_extents(build->plan, &extents);
    if (!error)
        cramfs_print_extents(out, &extents, cramfs_plan_summary(build->plan)->image_size,
                             node_owner_path, build->tree);
    cramfs_extents_free(&extents);
    return error;
}

static int write_dependencies(void *context, FILE *out)
{
    struct build *build = context;
    return write_depfile(out, build->arguments.operands.image, &build->arguments.inputs,
                         build->arguments.diags);
}

static int write_stats(void *context, FILE *out)
{
    struct build *build = context;
    build->stats.plan = build->plan;
    build->stats.tree = build->tree;
    return cramfs_print_stats(&build->arguments.plan, cramfs_plan_summary(build->plan),
                              &build->stats, out);
}

static int write_stats_to_standard_error(struct build *build)
{
    int error = write_stats(build, stderr);
    if (!error && (ferror(stderr) || fflush(stderr) != 0))
        error = cramfs_fail(build->arguments.diags, CRAMFS_ERR_IO, NULL,
                            "cannot write to standard error: %s", strerror(errno));
    return error == -CRAMFS_ERR_MEMORY ? cramfs_fail_memory(build->arguments.diags) : error;
}

static int write_outputs(struct build *build, const struct outputs *outputs)
{
    const struct arguments *arguments = &build->arguments;
    struct cramfs_diags *diags = arguments->diags;
    int image = outputs->list[OUTPUT_IMAGE].file;
    double begin = clock_seconds();
    uint64_t size;
    int error = fit_size(arguments, build->tree, build->plan, &size);
    if (error)
        return error;
    build->stats.padding = size - cramfs_plan_summary(build->plan)->image_size;
    error = write_output(outputs, OUTPUT_EXTENTS, write_extents, build, diags);
    if (!error)
        error = write_output(outputs, OUTPUT_DEPFILE, write_dependencies, build, diags);
    if (!error)
        error = cramfs_plan_write(build->plan, image, arguments->operands.image, diags);
    if (!error)
        error = write_padding(arguments, image, build->stats.padding);
    if (!error && arguments->flash.like && (arguments->outputs.stats || !arguments->messages.quiet))
        error = count_must_differ(arguments, &build->like, build->plan,
                                  &outputs->list[OUTPUT_IMAGE], &build->stats.erase_blocks_least);
    build->stats.write_seconds = clock_seconds() - begin;
    if (!error)
        error = write_output(outputs, OUTPUT_STATS, write_stats, build, diags);
    return error;
}

/* An output below a directory that is packed would become part of the image. */
static int refuse_inside(const struct arguments *arguments, const char *directory)
{
    for (int i = 0; i < OUTPUTS_COUNT; i++) {
        const char *path = output_path(arguments, (enum output_kind)i);
        if (path && cramfs_output_inside(path, directory))
            return cramfs_fail(arguments->diags, CRAMFS_ERR_USAGE, path,
                               "it would be written inside the source %s, and become part of the "
                               "image; write it to another directory",
                               directory);
    }
    return 0;
}

static int refuse_replaced(const struct arguments *arguments, const char *path)
{
    for (unsigned i = 0; i < arguments->operands.sources; i++) {
        if (is_one_file(path, arguments->operands.list[i].path))
            return cramfs_fail(arguments->diags, CRAMFS_ERR_USAGE, path,
                               "the image would overwrite a source; name the image last");
    }
    for (size_t i = 0; !arguments->force && i < arguments->inputs.list_count; i++) {
        if (is_one_file(path, arguments->inputs.list[i]))
            return cramfs_fail(arguments->diags, CRAMFS_ERR_USAGE, path,
                               "it is also an input, and would be replaced; write to another file, "
                               "or replace it with --force");
    }
    return 0;
}

/* If IMAGE was forgotten, the last SOURCE is taken for it. */
static int refuse_archive(const struct arguments *arguments)
{
    const char *path = arguments->operands.image;
    struct cramfs_open_options options = {0};
    struct cramfs_image image;
    struct stat status;
    if (arguments->force || strcmp(path, "-") == 0 || stat(path, &status) != 0 ||
        !S_ISREG(status.st_mode) || !status.st_size)
        return 0;
    /*
     * Looks at the first bytes only: opening an image would also find out its page size, which
     * takes time.
     */
    if (!cramfs_archive_recognised(path))
        return 0;
    if (cramfs_image_open(path, &options, &image, NULL) == 0) {
        cramfs_image_close(&image);
        return 0;
    }
    return cramfs_fail(arguments->diags, CRAMFS_ERR_USAGE, path,
                       "it is an archive, not a cramfs image; name the image last, or replace the "
                       "archive with --force");
}

/* Before anything is read, makes sure that no file that is read will be replaced. */
static int protect_inputs(const struct arguments *arguments)
{
    int result = refuse_archive(arguments);
    for (int i = 0; i < OUTPUTS_COUNT; i++) {
        const char *path = output_path(arguments, (enum output_kind)i);
        int error = path ? refuse_replaced(arguments, path) : 0;
        result = error ? error : result;
    }
    return result;
}

static bool is_file(const char *source)
{
    struct stat status;
    return strcmp(source, "-") == 0 || (stat(source, &status) == 0 && !S_ISDIR(status.st_mode));
}

static int read_file(struct arguments *arguments, const struct source_operand *source,
                     struct cramfs_tree *tree)
{
    const struct cramfs_open_options options = {.offset = source->offset, .stream = true};
    unsigned jobs = arguments->plan.jobs;
    if (strcmp(source->path, "-") != 0)
        note_input(arguments, source->path);
    return source->has_offset
               ? cramfs_tree_read_image(tree, source->path, &options, jobs, arguments->diags)
               : cramfs_tree_read_file(tree, source->path, jobs, arguments->diags);
}

static int read_source(struct arguments *arguments, const struct source_operand *source,
                       struct cramfs_tree *tree)
{
    tree->part = source->has_part ? &source->part : NULL;
    if (source->has_offset || is_file(source->path))
        return read_file(arguments, source, tree);
    int error = refuse_inside(arguments, source->path);
    return error ? error : cramfs_tree_read_directory(tree, source->path, arguments->diags);
}

/* Each source is laid over those before it. All are read, so that all errors are reported. */
static int read_sources(struct arguments *arguments, struct cramfs_tree *tree)
{
    struct cramfs_diags *diags = arguments->diags;
    int result = 0;
    tree->excludes = &arguments->sources.excludes;
    tree->one_file_system = arguments->sources.one_file_system;
    tree->whiteouts = arguments->sources.whiteouts;
    tree->allow = arguments->sources.allow;
    tree->inputs = arguments->outputs.depfile ? &arguments->inputs : NULL;
    tree->owners_replaced = arguments->owners.uid.all && arguments->owners.gid.all;
    tree->mtree_root = arguments->sources.mtree_root;
    tree->page_size = arguments->plan.page_size;
    tree->most_bytes = arguments->sources.most_bytes;
    tree->jobs = arguments->plan.jobs;
    for (unsigned i = 0; i < arguments->operands.sources; i++) {
        int error = read_source(arguments, &arguments->operands.list[i], tree);
        result = error ? error : result;
    }
    report_idle_excludes(arguments);
    if (!result) {
        report_idle_maps(arguments, tree);
        result =
            cramfs_tree_map_owners(tree, &arguments->owners.uid, &arguments->owners.gid, diags);
    }
    for (size_t i = 0; !result && i < arguments->sources.device_tables_count; i++)
        result = cramfs_tree_read_device_table(tree, arguments->sources.device_tables[i], diags);
    int losses = cramfs_tree_report_losses(tree, diags);
    result = result ? result : losses;
    if (!result && cramfs_tree_finish(tree) != 0)
        result = cramfs_fail_memory(diags);
    return result;
}

static int read_profile(struct arguments *arguments)
{
    if (!arguments->xip.profile_path)
        return 0;
    int error =
        cramfs_profile_read(arguments->xip.profile_path, &arguments->xip.profile, arguments->diags);
    arguments->plan.profile = arguments->xip.profile;
    return error;
}

static int read_like(struct build *build)
{
    struct arguments *arguments = &build->arguments;
    const struct cramfs_plan_options *plan = &arguments->plan;
    const struct cramfs_like_options options = {
        .order = plan->order,
        .page_size = plan->page_size,
        .kernel = plan->kernel,
        .swap = plan->swap,
        .jobs = plan->jobs,
    };
    if (!arguments->flash.like)
        return 0;
    int error = cramfs_like_open(arguments->flash.like, &options, &build->like, arguments->diags);
    arguments->plan.like = error ? NULL : &build->like.like;
    return error;
}

/* All files of rules are read, so that all errors are reported. */
static int read_rules(struct build *build)
{
    const struct arguments *arguments = &build->arguments;
    int result = 0;
    for (size_t i = 0; i < arguments->xip.rule_files_count; i++) {
        int error =
            cramfs_rules_read(&build->rules, arguments->xip.rule_files[i], arguments->diags);
        result = error ? error : result;
    }
    return result;
}

static int apply_rules(struct build *build)
{
    const struct arguments *arguments = &build->arguments;
    int error = cramfs_rules_apply(&build->rules, build->tree, arguments->diags);
    if (!error && arguments->xip.sticky)
        cramfs_rules_apply_sticky(build->tree, "--xip-sticky");
    if (!error)
        report_idle_sticky(arguments, build->tree);
    return error;
}

static int make_plan(struct build *build)
{
    struct arguments *arguments = &build->arguments;
    double begin = clock_seconds();
    progress_init(&build->progress, !arguments->messages.quiet && !arguments->messages.verbose);
    int error = cramfs_plan_create(build->tree, &arguments->plan, arguments->diags, &build->plan);
    progress_clear(&build->progress);
    build->stats.plan_seconds = clock_seconds() - begin;
    if (!error && arguments->diags->errors) /* a line for a file was lost */
        error = -CRAMFS_ERR_MEMORY;
    if (!error)
        report_nothing_in_place(arguments, &build->rules, cramfs_plan_summary(build->plan));
    return conclude_warnings(arguments, error);
}

static int make_curve(struct build *build)
{
    struct arguments *arguments = &build->arguments;
    progress_init(&build->progress, !arguments->messages.quiet);
    int error = print_what_if(arguments, build->tree);
    progress_clear(&build->progress);
    return error;
}

/* When sources have errors, further errors are found and reported before the program ends. */
static void report_rest(struct build *build, int error)
{
    bool bomb = build->tree->bytes_taken > build->tree->most_bytes; /* more costs too much */
    bool told_all = bomb || (error != -CRAMFS_ERR_IO && error != -CRAMFS_ERR_LIMIT);
    if (!told_all && cramfs_tree_finish(build->tree) == 0)
        make_plan(build);
}

static int run_build(struct build *build)
{
    struct arguments *arguments = &build->arguments;
    double begin = clock_seconds();
    build->tree = cramfs_tree_create();
    if (!build->tree)
        return cramfs_fail_memory(arguments->diags);
    int error = protect_inputs(arguments);
    if (error)
        return error;
    report_idle_options(arguments);
    error = read_rules(build);
    int profile = read_profile(arguments);
    error = error ? error : profile;
    int like = read_like(build);
    error = error ? error : like;
    if (!error)
        error = read_sources(arguments, build->tree);
    if (!error)
        error = apply_rules(build);
    error = conclude_warnings(arguments, error);
    build->stats.read_seconds = clock_seconds() - begin;
    if (error) {
        report_rest(build, error);
        return error;
    }
    if (arguments->outputs.what_if)
        return make_curve(build);
    struct outputs outputs;
    error = open_outputs(arguments, &outputs);
    if (error)
        return error;
    error = make_plan(build);
    if (!error)
        error = write_outputs(build, &outputs);
    error = conclude_warnings(arguments, error);
    int closed = close_outputs(&outputs, !error, arguments->diags);
    error = error ? error : closed;
    if (!error && !arguments->messages.quiet)
        print_summary(arguments, build->tree, build->plan, &build->stats);
    if (!error && arguments->outputs.stats && !arguments->outputs.stats_file)
        error = write_stats_to_standard_error(build);
    return error;
}

int main(int argc, char **argv)
{
    struct build build = {0};
    struct cramfs_diags diags = {0};
    struct arguments *arguments = &build.arguments;
    limit_heaps();
    parse_arguments(argc, argv, arguments);
    catch_signals();
    arguments->diags = &diags;
    arguments->plan.selected = on_selected;
    arguments->plan.progress = on_progress;
    arguments->plan.context = &build;

    int error = run_build(&build);
    cramfs_plan_free(build.plan);
    cramfs_like_close(&build.like);
    cramfs_tree_free(build.tree);
    cramfs_rules_free(&build.rules);
    free_arguments(arguments);
    print_diags(&diags, arguments->messages.quiet);
    return finish_output(error == 0                   ? EXIT_CLEAN
                         : error == -CRAMFS_ERR_USAGE ? EXIT_USAGE
                                                      : EXIT_OPERATIONAL);
}
