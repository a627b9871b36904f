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

#include "base/pool.h"
#include "cli/common.h"
#include "cramfs/listing.h"
#include "cramfs/output.h"
#include "cramfs/plan.h"

enum {
    KEY_XIP = KEY_FIRST,
    KEY_NO_HOLES,
    KEY_LEGACY,
    KEY_LEVEL,
    KEY_COMPRESSOR,
    KEY_QUIET,
    KEY_EXTENTS,
};

static const struct argp_option option_list[] = {
    {NULL, 0, NULL, 0, "What goes in place:", 1},
    {"xip", KEY_XIP, "WHAT", 0,
     "auto: every page of a read-only ELF segment (the default); none: nothing", 1},
    {NULL, 0, NULL, 0, "The image:", 2},
    {"endian", 'N', "ORDER", 0, "Byte order of the target: little (the default), big, host", 2},
    {"block-size", 'b', "SIZE", 0, "Page size of the target: 4K (the default), 8K, 16K, 32K or 64K",
     2},
    {"name", 'n', "NAME", 0, "Name of the volume, at most 16 bytes", 2},
    {"edition", 'e', "NUMBER", 0, "Edition number in the superblock", 2},
    {"all-root", 'q', NULL, 0, "Everything belongs to uid 0 and gid 0", 2},
    {"no-holes", KEY_NO_HOLES, NULL, 0, "Store blocks of zeroes instead of leaving them out", 2},
    {"legacy", KEY_LEGACY, NULL, 0,
     "Only what kernels before 4.15, U-Boot and old tools read: nothing in place, shared or "
     "stored raw",
     2},
    {NULL, 0, NULL, 0, "Compression:", 3},
    {"compressor", KEY_COMPRESSOR, "NAME", 0, "libdeflate (the default where built in) or zlib", 3},
    {"level", KEY_LEVEL, "LEVEL", 0, "1 (fast) to 12 (small), to 9 with zlib; default 6", 3},
    {"jobs", 'j', "JOBS", 0, "Threads to compress with; default: one a processor", 3},
    {NULL, 0, NULL, 0, "Messages:", 4},
    {"extents", KEY_EXTENTS, "FILE", 0,
     "Write the planned extents to FILE, as cramfs-dump --extents prints those it finds", 4},
    {"verbose", 'v', NULL, 0, "Say of each file what goes in place, and why", 4},
    {"quiet", KEY_QUIET, NULL, 0, "Print nothing but errors", 4},
    {COMMON_HELP},
    {COMMON_VERSION},
    {0},
};

struct arguments {
    struct cramfs_plan_options plan;
    bool xip_given;
    bool all_root;
    bool verbose;
    bool quiet;
    const char *extents;
    const char **operands; /* each SOURCE, and IMAGE at the end */
    unsigned operands_count;
    const char *image; /* the last of them */
    unsigned sources;  /* how many come before it */
    FILE *out;         /* for messages: standard output, unless that is the image */
    struct cramfs_diags *diags;
};

/* What only all options together tell. */
static void conclude(struct arguments *arguments)
{
    struct cramfs_plan_options *plan = &arguments->plan;
    if (arguments->operands_count < 2)
        usage_error("at least one SOURCE, and IMAGE, are wanted");
    arguments->sources = arguments->operands_count - 1;
    arguments->image = arguments->operands[arguments->sources];
    if (!cramfs_compressor_name(plan->compressor))
        usage_error("--compressor: this build does not have it");
    int highest = cramfs_compressor_max_level(plan->compressor);
    if (plan->level > highest)
        usage_error("--level: %d is over the %d of %s", plan->level, highest,
                    cramfs_compressor_name(plan->compressor));
    if (plan->legacy && arguments->xip_given && plan->xip != CRAMFS_XIP_NONE)
        usage_error("--legacy images have nothing in place; leave out --xip");
}

static void parse_layout_option(int key, const char *value, struct cramfs_plan_options *plan)
{
    static const char *const orders[] = {"little", "big", "host", NULL};
    static const enum cramfs_order order_values[] = {CRAMFS_LITTLE, CRAMFS_BIG};
    unsigned order;
    switch (key) {
    case 'N':
        order = parse_choice("--endian", value, orders);
        plan->order = order == 2 ? cramfs_host_order() : order_values[order];
        break;
    case 'b':
        plan->page_size = parse_page_size(value);
        break;
    case 'n':
        if (strlen(value) > 16)
            usage_error("--name: '%s' has %zu bytes, over the format's 16", value, strlen(value));
        plan->name = value;
        break;
    case 'e':
        plan->edition = (uint32_t)parse_number("--edition", value, 0, UINT32_MAX);
        break;
    default: /* no other key comes here */
        break;
    }
}

static void parse_compression_option(int key, const char *value, struct cramfs_plan_options *plan)
{
    static const char *const compressors[] = {"libdeflate", "zlib", NULL};
    if (key == KEY_COMPRESSOR)
        plan->compressor = parse_choice("--compressor", value, compressors) == 0
                               ? CRAMFS_COMPRESSOR_LIBDEFLATE
                               : CRAMFS_COMPRESSOR_ZLIB;
    else if (key == KEY_LEVEL)
        plan->level = (int)parse_number("--level", value, 1, 12);
    else
        plan->jobs = parse_jobs(value);
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    static const char *const xips[] = {"auto", "none", NULL};
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        arguments->operands[arguments->operands_count++] = value;
        return 0;
    case ARGP_KEY_END:
        conclude(arguments);
        return 0;
    case KEY_XIP:
        arguments->plan.xip =
            parse_choice("--xip", value, xips) == 0 ? CRAMFS_XIP_AUTO : CRAMFS_XIP_NONE;
        arguments->xip_given = true;
        return 0;
    case 'N':
    case 'b':
    case 'n':
    case 'e':
        parse_layout_option(key, value, &arguments->plan);
        return 0;
    case KEY_COMPRESSOR:
    case KEY_LEVEL:
    case 'j':
        parse_compression_option(key, value, &arguments->plan);
        return 0;
    case 'q':
        arguments->all_root = true;
        return 0;
    case KEY_NO_HOLES:
        arguments->plan.holes = false;
        return 0;
    case KEY_LEGACY:
        arguments->plan.legacy = true;
        return 0;
    case KEY_EXTENTS:
        arguments->extents = value;
        return 0;
    case 'v':
    case KEY_QUIET: /* the last one counts */
        arguments->verbose = key == 'v';
        arguments->quiet = key == KEY_QUIET;
        return 0;
    default:
        parse_common(key, state);
        return ARGP_ERR_UNKNOWN;
    }
}

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

static int open_outputs(const struct arguments *arguments, struct outputs *outputs,
                        struct cramfs_diags *diags)
{
    int error = cramfs_output_open(arguments->image, &outputs->image, diags);
    if (error || !arguments->extents)
        return error;
    error = cramfs_output_open(arguments->extents, &outputs->extents, diags);
    outputs->has_extents = !error;
    if (!error && strcmp(outputs->image.path, outputs->extents.path) == 0)
        error = cramfs_fail(diags, CRAMFS_ERR_USAGE, arguments->extents,
                            "image and extents are to be two files");
    if (error)
        cramfs_output_close(&outputs->image, false, diags);
    if (error && outputs->has_extents)
        cramfs_output_close(&outputs->extents, false, diags);
    return error;
}

static int close_outputs(struct outputs *outputs, bool keep, struct cramfs_diags *diags)
{
    int error = cramfs_output_close(&outputs->image, keep, diags);
    int second = 0;
    if (outputs->has_extents)
        second = cramfs_output_close(&outputs->extents, keep && !error, diags);
    return error ? error : second;
}

static int write_outputs(const struct arguments *arguments, const struct cramfs_tree *tree,
                         const struct cramfs_plan *plan, struct outputs *outputs,
                         struct cramfs_diags *diags)
{
    int error = 0;
    if (outputs->has_extents)
        error = write_extents(&outputs->extents, tree, plan, diags);
    if (!error)
        error = cramfs_plan_write(plan, outputs->image.file, arguments->image, diags);
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

static int read_source(const struct arguments *arguments, const char *source,
                       struct cramfs_tree *tree, struct cramfs_diags *diags)
{
    if (is_archive(source))
        return cramfs_tree_read_archive(tree, source, diags);
    int error = refuse_inside(arguments->image, source, diags);
    if (!error)
        error = refuse_inside(arguments->extents, source, diags);
    return error ? error : cramfs_tree_read_directory(tree, source, diags);
}

/* Each source is laid over those before it; all are read, so that all that is wrong is told. */
static int read_sources(const struct arguments *arguments, struct cramfs_tree *tree,
                        struct cramfs_diags *diags)
{
    int result = 0;
    for (unsigned i = 0; i < arguments->sources; i++) {
        int error = read_source(arguments, arguments->operands[i], tree, diags);
        result = error ? error : result;
    }
    if (!result && cramfs_tree_finish(tree) != 0)
        result = cramfs_fail_memory(diags);
    if (!result && arguments->all_root)
        cramfs_tree_all_root(tree);
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
    static const struct argp argp = {
        .options = option_list,
        .parser = parse_option,
        .args_doc = "SOURCE... IMAGE",
        .doc = "Packs each SOURCE, laid over those before it, into a cramfs IMAGE whose programs "
               "run in place: a kernel with the image in memory-mapped flash maps their pages from "
               "there. A SOURCE is a directory, or an archive (tar, cpio, zip and others, also "
               "compressed); - is an archive on standard input. An IMAGE of - is standard output."
               "\vExit status: 0 done; 8 failed, an older image is as it was; 16 wrong usage.",
    };
    struct arguments arguments = {0};
    struct cramfs_diags diags = {0};
    cramfs_plan_options_init(&arguments.plan);
    arguments.plan.jobs = pool_default_threads();
    arguments.operands = calloc((size_t)argc, sizeof(*arguments.operands));
    if (!arguments.operands)
        return EXIT_OPERATIONAL;
    parse_command_line(&argp, argc, argv, &arguments);
    arguments.plan.selected = arguments.verbose ? print_selection : warn_malformed;
    arguments.plan.context = &arguments;
    arguments.out = strcmp(arguments.image, "-") == 0 ? stderr : stdout;
    arguments.diags = &diags;

    struct cramfs_tree *tree = cramfs_tree_create();
    int error = tree ? build(&arguments, tree, &diags) : cramfs_fail_memory(&diags);
    cramfs_tree_free(tree);
    free(arguments.operands);
    print_diags(&diags, arguments.quiet);
    return finish_output(error == 0                   ? EXIT_CLEAN
                         : error == -CRAMFS_ERR_USAGE ? EXIT_USAGE
                                                      : EXIT_OPERATIONAL);
}
