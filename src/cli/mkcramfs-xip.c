/*
 * mkcramfs-xip: builds an image.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cleanup.h"
#include "cli/common.h"
#include "cli/mkcramfs_options.h"
#include "cli/size.h"
#include "cramfs/device_table.h"
#include "cramfs/listing.h"
#include "cramfs/output.h"

static void print_selection(void *context, const struct cramfs_node *node,
                            const struct cramfs_selection *selection)
{
    const struct arguments *arguments = context;
    char shown[8192];
    char *path = cramfs_node_path(node);
    if (!path)
        return;
    fprintf(arguments->out, "%s: %" PRIu32 " pages in place: %s%s\n",
            cramfs_escape(path, strlen(path), shown, sizeof(shown)), selection->pages,
            cramfs_selection_text(selection),
            selection->pages && selection->last_excluded
                ? "; not the last page, since the file is whole pages"
                : "");
    free(path);
}

/*
 * A file that asks to run in place and cannot be understood deserves a word without -v; what else
 * is not in place is as it should be.
 */
static void warn_malformed(void *context, const struct cramfs_node *node,
                           const struct cramfs_selection *selection)
{
    if (selection->reason != CRAMFS_SELECTION_MALFORMED)
        return;
    char *path = cramfs_node_path(node);
    const struct arguments *arguments = context;
    cramfs_report(arguments->diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, path,
                  "a malformed ELF file is not put in place: %s", selection->fault);
    free(path);
}

static void print_summary(const struct arguments *arguments, const struct cramfs_plan *plan)
{
    const struct cramfs_plan_summary *summary = cramfs_plan_summary(plan);
    fprintf(arguments->out,
            "%s: %" PRIu64 " bytes from %" PRIu64 ": %" PRIu64 " deflated, %" PRIu64
            " stored, %" PRIu64 " in place (%" PRIu64 " pages), %" PRIu64 " metadata, %" PRIu64
            " gaps; %" PRIu64 " blocks shared, %" PRIu64 " holes\n",
            arguments->image, summary->image_size, summary->files_size, summary->deflated,
            summary->stored, summary->in_place, summary->in_place_pages, summary->metadata,
            summary->gaps, summary->shared_blocks, summary->hole_blocks);
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

static int write_extents(const struct cramfs_output *output, const struct cramfs_tree *tree,
                         const struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    struct cramfs_extents extents = {0};
    int file = dup(output->file);
    FILE *out = file < 0 ? NULL : fdopen(file, "w");
    int error = out ? cramfs_plan_extents(plan, &extents) : 0;
    if (out && !error)
        cramfs_print_extents(out, &extents, cramfs_plan_summary(plan)->image_size, node_owner_path,
                             tree);
    cramfs_extents_free(&extents);
    if (error)
        cramfs_fail_memory(diags);
    /* One test for all three: fclose() is where a full disk shows. */
    if (!out || (ferror(out) | fclose(out)) != 0)
        error = cramfs_fail(diags, CRAMFS_ERR_IO, output->path, "cannot write the extents: %s",
                            strerror(errno));
    return error;
}

/* Image and extents: opened before the work, so that a bad path is told at once. */
struct outputs {
    struct cramfs_output image;
    struct cramfs_output extents;
    bool has_extents;
};

/*
 * Between the making of a temporary file and its being remembered no signal may come. A fifo or
 * device has none, and opening one can wait for long: there signals must come through.
 */
static int open_output(const char *path, struct cramfs_output *output, struct cramfs_diags *diags)
{
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return cramfs_output_open(path, output, diags);
    hold_signals();
    int error = cramfs_output_open(path, output, diags);
    remove_on_signal(output->temporary);
    release_signals();
    return error;
}

/* Before the names of temporary files go away, no signal may go by them any more. */
static int close_outputs(struct outputs *outputs, bool keep, struct cramfs_diags *diags)
{
    hold_signals();
    forget_on_signal();
    int error = cramfs_output_close(&outputs->image, keep, diags);
    int second = 0;
    if (outputs->has_extents)
        second = cramfs_output_close(&outputs->extents, keep && !error, diags);
    release_signals();
    return error ? error : second;
}

static int open_outputs(const struct arguments *arguments, struct outputs *outputs,
                        struct cramfs_diags *diags)
{
    int error = open_output(arguments->image, &outputs->image, diags);
    if (error || !arguments->extents)
        return error;
    error = open_output(arguments->extents, &outputs->extents, diags);
    outputs->has_extents = !error;
    if (!error && strcmp(outputs->image.path, outputs->extents.path) == 0)
        error = cramfs_fail(diags, CRAMFS_ERR_USAGE, arguments->extents,
                            "image and extents are to be two files");
    if (error)
        close_outputs(outputs, false, diags);
    return error;
}

static int write_outputs(const struct arguments *arguments, const struct cramfs_tree *tree,
                         const struct cramfs_plan *plan, struct outputs *outputs,
                         struct cramfs_diags *diags)
{
    uint64_t size;
    int error = fit_size(arguments, tree, plan, &size);
    if (!error && outputs->has_extents)
        error = write_extents(&outputs->extents, tree, plan, diags);
    if (!error)
        error = cramfs_plan_write(plan, outputs->image.file, arguments->image, diags);
    if (!error)
        error = write_padding(arguments, outputs->image.file,
                              size - cramfs_plan_summary(plan)->image_size);
    return error;
}

static int refuse_inside(const char *path, const char *directory, struct cramfs_diags *diags)
{
    if (!path || !cramfs_output_inside(path, directory))
        return 0;
    return cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                       "it would lie inside %s, and become part of the image; put it elsewhere",
                       directory);
}

static bool is_archive(const char *source)
{
    struct stat status;
    return strcmp(source, "-") == 0 || (stat(source, &status) == 0 && !S_ISDIR(status.st_mode));
}

static bool same_file(const char *first, const char *second)
{
    struct stat a;
    struct stat b;
    return stat(first, &a) == 0 && stat(second, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino && S_ISREG(a.st_mode);
}

static int read_source(const struct arguments *arguments, const char *source,
                       struct cramfs_tree *tree, struct cramfs_diags *diags)
{
    if (is_archive(source) && same_file(source, arguments->image))
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, arguments->image,
                           "the image would overwrite a source; name the image last");
    if (is_archive(source))
        return cramfs_tree_read_archive(tree, source, diags);
    int error = refuse_inside(arguments->image, source, diags);
    if (!error)
        error = refuse_inside(arguments->extents, source, diags);
    return error ? error : cramfs_tree_read_directory(tree, source, diags);
}

/* A pattern that leaves out nothing is more often a slip than meant. */
static void report_idle_excludes(const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->excludes.list_count; i++) {
        const struct cramfs_exclude *exclude = &arguments->excludes.list[i];
        if (!exclude->matches)
            cramfs_report(arguments->diags, CRAMFS_WARNING, CRAMFS_ERR_USAGE, NULL,
                          "--exclude: nothing fits '%s'", exclude->pattern);
    }
}

/* Each source is laid over those before it; all are read, so that all that is wrong is told. */
static int read_sources(struct arguments *arguments, struct cramfs_tree *tree,
                        struct cramfs_diags *diags)
{
    int result = 0;
    tree->excludes = &arguments->excludes;
    tree->one_file_system = arguments->one_file_system;
    for (unsigned i = 0; i < arguments->sources; i++) {
        int error = read_source(arguments, arguments->operands[i], tree, diags);
        result = error ? error : result;
    }
    report_idle_excludes(arguments);
    if (!result)
        result = cramfs_tree_map_owners(tree, &arguments->uid, &arguments->gid, diags);
    for (size_t i = 0; !result && i < arguments->device_tables_count; i++)
        result = cramfs_tree_read_device_table(tree, arguments->device_tables[i], diags);
    cramfs_tree_report_losses(tree, diags);
    if (!result && cramfs_tree_finish(tree) != 0)
        result = cramfs_fail_memory(diags);
    return result;
}

static int build(struct arguments *arguments, struct cramfs_tree *tree, struct cramfs_diags *diags)
{
    int error = read_sources(arguments, tree, diags);
    if (error)
        return error;

    struct outputs outputs = {0};
    error = open_outputs(arguments, &outputs, diags);
    if (error)
        return error;
    struct cramfs_plan *plan;
    error = cramfs_plan_create(tree, &arguments->plan, diags, &plan);
    if (!error)
        error = write_outputs(arguments, tree, plan, &outputs, diags);
    int closed = close_outputs(&outputs, !error, diags);
    error = error ? error : closed;
    if (!error && !arguments->quiet)
        print_summary(arguments, plan);
    cramfs_plan_free(plan);
    return error;
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    struct cramfs_diags diags = {0};
    parse_arguments(argc, argv, &arguments);
    catch_signals();
    arguments.plan.selected = arguments.verbose ? print_selection : warn_malformed;
    arguments.plan.context = &arguments;
    arguments.diags = &diags;

    struct cramfs_tree *tree = cramfs_tree_create();
    int error = tree ? build(&arguments, tree, &diags) : cramfs_fail_memory(&diags);
    cramfs_tree_free(tree);
    free_arguments(&arguments);
    print_diags(&diags, arguments.quiet);
    return finish_output(error == 0                   ? EXIT_CLEAN
                         : error == -CRAMFS_ERR_USAGE ? EXIT_USAGE
                                                      : EXIT_OPERATIONAL);
}
