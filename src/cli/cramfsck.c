/*
 * cramfsck: checks an image, extracts it, and reports what runs in place.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "cli/open_image.h"
#include "cramfs/check.h"
#include "cramfs/extract.h"
#include "cramfs/xip_report.h"

enum {
    KEY_EXTRACT = KEY_FIRST,
    KEY_PRIVILEGED,
    KEY_MAX_EXTRACT,
    KEY_XIP_REPORT,
    KEY_BASE,
    KEY_KERNEL,
    KEY_QUIET,
};

static const struct argp_option option_list[] = {
    {NULL, 0, NULL, 0, "Checking:", 1},
    OPEN_IMAGE_OPTIONS(1),
    {"errors", 'E', NULL, 0, "Count hazards as errors", 1},
    {"jobs", 'j', "JOBS", 0, "Threads to inflate with; default: one a processor", 1},
    {"verbose", 'v', NULL, 0, "Also print notes", 1},
    {"quiet", KEY_QUIET, NULL, 0, "Print nothing but findings and errors", 1},
    {NULL, 0, NULL, 0, "Extracting:", 2},
    {NULL, 'x', "DIR", 0, "The same as --extract=DIR", 2},
    {"extract", KEY_EXTRACT, "DIR", OPTION_ARG_OPTIONAL,
     "Extract into DIR, new or empty; without DIR, only inflate everything", 2},
    {"privileged", KEY_PRIVILEGED, NULL, 0, "Also extract device nodes and set-id bits", 2},
    {"max-extract", KEY_MAX_EXTRACT, "SIZE", 0, "Extract no more bytes than this; default 1G", 2},
    {NULL, 0, NULL, 0, "Running in place:", 3},
    {"xip-report", KEY_XIP_REPORT, "FORM", OPTION_ARG_OPTIONAL,
     "Report which pages a kernel will map directly, and why not: text (the default) or json", 3},
    {"base", KEY_BASE, "ADDRESS", 0,
     "Physical address of the image; default: any page-aligned one but 0", 3},
    {"kernel", KEY_KERNEL, "KERNEL", 0,
     "Which kernel maps: mmu (mainline, the default), nommu, v3 (the patches of 2017)", 3},
    {COMMON_HELP},
    {COMMON_VERSION},
    {0},
};

enum report_form {
    REPORT_NONE,
    REPORT_TEXT,
    REPORT_JSON,
};

struct arguments {
    const char *image;
    struct open_arguments open;
    unsigned jobs;
    bool hazards_are_errors;
    bool verbose;
    bool quiet;
    const char *extract;
    bool privileged;
    uint64_t max_extract;
    enum report_form report;
    uint64_t base;
    enum cramfs_kernel kernel;
};

static error_t parse_report_option(int key, const char *value, struct arguments *arguments)
{
    static const char *const forms[] = {"text", "json", NULL};
    if (key == KEY_BASE)
        arguments->base = parse_number("--base", value, 0, UINT64_MAX);
    else if (key == KEY_KERNEL)
        arguments->kernel = parse_choice("--kernel", value, cramfs_kernel_names);
    else if (value && parse_choice("--xip-report", value, forms) == 1)
        arguments->report = REPORT_JSON;
    else
        arguments->report = REPORT_TEXT;
    return 0;
}

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
    case 'E':
        arguments->hazards_are_errors = true;
        return 0;
    case 'j':
        arguments->jobs = parse_jobs(value);
        return 0;
    case 'v':
    case KEY_QUIET: /* the last one counts */
        arguments->verbose = key == 'v';
        arguments->quiet = key == KEY_QUIET;
        return 0;
    case 'x':
    case KEY_EXTRACT:
        arguments->extract = value; /* without a directory: the check inflates everything anyway */
        return 0;
    case KEY_PRIVILEGED:
        arguments->privileged = true;
        return 0;
    case KEY_MAX_EXTRACT:
        arguments->max_extract = parse_size("--max-extract", value, 0, UINT64_MAX);
        return 0;
    case KEY_XIP_REPORT:
    case KEY_BASE:
    case KEY_KERNEL:
        return parse_report_option(key, value, arguments);
    default:
        if (parse_open_option(key, value, &arguments->open))
            return 0;
        parse_common(key, state);
        return ARGP_ERR_UNKNOWN;
    }
}

/* What the listener knows and keeps. */
struct findings {
    const struct arguments *arguments;
    const struct cramfs_survey *survey;
    uint64_t counts[3]; /* by severity */
};

/* IMAGE: severity: path: block N at OFFSET: what, against which rule */
static void print_finding(void *context, const struct cramfs_finding *finding)
{
    struct findings *findings = context;
    const struct cramfs_rule_info *rule = cramfs_rule_info(finding->rule);
    findings->counts[rule->severity]++;
    if (rule->severity == CRAMFS_FINDING_NOTE && !findings->arguments->verbose)
        return;
    fprintf(stderr, "%s: %s: ", findings->arguments->image,
            cramfs_finding_severity_name(rule->severity));
    if (finding->entry != CRAMFS_NO_ENTRY) {
        char path[CRAMFS_PATH_SIZE];
        char shown[2 * CRAMFS_PATH_SIZE];
        size_t length =
            cramfs_entry_path(&findings->survey->entries, finding->entry, path, sizeof(path));
        fprintf(stderr, "%s: ", cramfs_escape(path, length, shown, sizeof(shown)));
    }
    if (finding->block != CRAMFS_NO_BLOCK)
        fprintf(stderr, "block %" PRIu32 " ", finding->block);
    if (finding->offset != CRAMFS_NO_OFFSET)
        fprintf(stderr, "at %" PRIu64 ": ", finding->offset);
    fprintf(stderr, "%s [%s: %s]\n", finding->text, rule->name, rule->text);
}

static int print_report(const struct arguments *arguments, const struct cramfs_image *image,
                        const struct cramfs_survey *survey)
{
    struct cramfs_xip_report report;
    int error = cramfs_xip_report(image, survey, arguments->base, arguments->kernel, &report);
    if (!error)
        error = arguments->report == REPORT_JSON
                    ? cramfs_xip_report_json(image, survey, &report, stdout)
                    : cramfs_xip_report_print(image, survey, &report, stdout);
    cramfs_xip_report_free(&report);
    return error;
}

static void print_verdict(const struct findings *findings)
{
    /* A report is for a reader of its own; nothing else goes to standard output then. */
    if (findings->arguments->quiet || findings->arguments->report != REPORT_NONE)
        return;
    const uint64_t *counts = findings->counts;
    printf("%s: ", findings->arguments->image);
    if (counts[CRAMFS_FINDING_ERROR] + counts[CRAMFS_FINDING_HAZARD] == 0)
        fputs("clean", stdout);
    else
        printf("%" PRIu64 " errors, %" PRIu64 " hazards", counts[CRAMFS_FINDING_ERROR],
               counts[CRAMFS_FINDING_HAZARD]);
    printf(", %" PRIu32 " files\n", findings->survey->entries.list_count);
}

static int extract(const struct arguments *arguments, const struct cramfs_image *image,
                   const struct cramfs_survey *survey, struct cramfs_diags *diags)
{
    struct cramfs_extract_options options = {
        .privileged = arguments->privileged,
        .owners = geteuid() == 0,
        .max_bytes = arguments->max_extract,
    };
    return cramfs_extract(image, survey, arguments->extract, &options, diags);
}

static int exit_code(const struct findings *findings, int error)
{
    if (error && error != -CRAMFS_ERR_FORMAT)
        return EXIT_OPERATIONAL;
    uint64_t bad = findings->counts[CRAMFS_FINDING_ERROR];
    if (findings->arguments->hazards_are_errors)
        bad += findings->counts[CRAMFS_FINDING_HAZARD];
    return bad || error ? EXIT_ERRORS_LEFT : EXIT_CLEAN;
}

static int check(const struct arguments *arguments, const struct cramfs_image *image,
                 struct cramfs_diags *diags)
{
    struct cramfs_survey survey;
    struct findings findings = {.arguments = arguments, .survey = &survey};
    struct cramfs_listener listener = {print_finding, &findings};
    int error = cramfs_survey(image, &listener, &survey);
    if (!error)
        error = cramfs_check(image, &survey, arguments->jobs, &listener);
    if (!error && arguments->report != REPORT_NONE)
        error = print_report(arguments, image, &survey);
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    if (!error)
        print_verdict(&findings);
    if (!error && arguments->extract)
        error = extract(arguments, image, &survey, diags);
    cramfs_survey_free(&survey);
    return exit_code(&findings, error);
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse_option,
        .args_doc = "IMAGE",
        .doc = "Checks a cramfs IMAGE, whoever made it: superblock, CRC, every entry, pointer and "
               "block, and the traps that make a well-formed image read wrong."
               "\vExit status: 0 clean; 4 errors found; 8 cannot operate; 16 wrong usage.",
    };
    struct arguments arguments = {
        .jobs = pool_default_threads(),
        .max_extract = CRAMFS_DEFAULT_MAX_EXTRACT,
        .base = CRAMFS_ANY_ADDRESS,
    };
    parse_command_line(&argp, argc, argv, &arguments);

    struct cramfs_diags diags = {0};
    struct cramfs_image image;
    int code = EXIT_OPERATIONAL;
    if (arguments.open.scan) {
        code = scan_image(arguments.image, &diags);
    } else if (cramfs_image_open(arguments.image, &arguments.open.options, &image, &diags) == 0) {
        code = check(&arguments, &image, &diags);
        cramfs_image_close(&image);
    }
    print_diags(&diags, arguments.quiet);
    return finish_output(code);
}
