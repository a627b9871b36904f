#include "cli/cramfsck/options.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/pool.h"
#include "cramfs/xip_report.h"

enum {
    KEY_EXTRACT = KEY_FIRST,
    KEY_FORCE,
    KEY_PRIVILEGED,
    KEY_MAX_EXTRACT,
    KEY_XIP_REPORT,
    KEY_XIP_PROFILE,
    KEY_BASE,
    KEY_KERNEL,
    KEY_REQUIRE_XIP,
    KEY_MIN_DIRECT,
    KEY_QUIET,
    KEY_JSON,
    KEY_SEVERITY,
    KEY_CRC,
    KEY_OLD_BLOCK_SIZE,
    KEY_STRICT,
};

static const struct argp_option option_list[] = {
    {NULL, 0, NULL, 0, "Which image:", 0},
    OPEN_IMAGE_OPTIONS(0),
    {"blocksize", KEY_OLD_BLOCK_SIZE, "SIZE", OPTION_HIDDEN, NULL, 0}, /* fsck.cramfs's spelling */
    {NULL, 0, NULL, 0, "Checking:", 0},
    {"crc", KEY_CRC, "HOW", 0, "A wrong CRC is: error (default), warn or ignore", 0},
    {"errors", 'E', NULL, 0, "Count hazards and warnings as errors", 0},
    {"strict", KEY_STRICT, NULL, 0, "The same as --errors", 0},
    {"jobs", 'j', "JOBS", 0, "Use JOBS threads; default: all processors", 0},
    {NULL, 0, NULL, 0, "Output:", 0},
    {"json", KEY_JSON, NULL, 0, "Print the findings and the XIP report as JSON", 0},
    {"quiet", KEY_QUIET, NULL, 0, "Omit the summary line and notes about the run", 0},
    {"severity", KEY_SEVERITY, "LEAST", 0, "Least severity: error, hazard (default) or note", 0},
    {"verbose", 'v', NULL, 0, "Print everything: notes, all findings, segments", 0},
    {NULL, 0, NULL, 0, "Extracting:", 0},
    {"extract", KEY_EXTRACT, "DIR", OPTION_ARG_OPTIONAL,
     "Extract into DIR; without DIR, only check", 0},
    {NULL, 'x', "DIR", 0, "The same as --extract=DIR", 0},
    {"force", KEY_FORCE, NULL, 0, "Use a DIR that is not empty, and replace files", 0},
    {"max-extract", KEY_MAX_EXTRACT, "SIZE", 0,
     "Refuse to extract more than SIZE bytes, or SIZE / 4096 entries; default 1G", 0},
    {"privileged", KEY_PRIVILEGED, NULL, 0, "Also extract device nodes and set-id bits", 0},
    {NULL, 0, NULL, 0, "Reporting what runs in place:", 0},
    {"xip-report", KEY_XIP_REPORT, "FORM", OPTION_ARG_OPTIONAL,
     "Report what runs in place: text (default) or json", 0},
    {"xip-profile", KEY_XIP_PROFILE, "FILE", 0, "Count the pages that this profile touches", 0},
    {"base", KEY_BASE, "ADDRESS", 0, "Physical address of the image; default: any but 0", 0},
    {"kernel", KEY_KERNEL, "KERNEL", 0, "Which kernel maps: mmu (default), nommu, fdpic, v3", 0},
    {NULL, 0, NULL, 0, "Failing when too little runs in place:", 0},
    {"require-xip", KEY_REQUIRE_XIP, "GLOB[:PERCENT]", 0,
     "Fail if less than PERCENT (default 100) of the possible pages of a file are direct, or if no "
     "file matches GLOB; may be repeated",
     0},
    {"min-direct", KEY_MIN_DIRECT, "PERCENT", 0, "The same for all possible pages of the image", 0},
    {NULL, 0, NULL, 0, "Ignored, for scripts that call fsck.cramfs or older tools:", 0},
    {NULL, 'a', NULL, 0, "Repair; the image is never written", 0},
    {NULL, 'c', NULL, 0, "Continue after a failure, as is always done", 0},
    {NULL, 'y', NULL, 0, "Answer yes; nothing is asked", 0},
    {NULL, 0, NULL, 0, "Help:", 0},
    {COMMON_HELP},
    {COMMON_VERSION},
    {0},
};

static bool parse_report_option(int key, const char *value, struct cramfsck_arguments *arguments)
{
    static const char *const forms[] = {"text", "json", NULL};
    switch (key) {
    case KEY_BASE:
        arguments->base = parse_number("--base", value, 0, UINT64_MAX);
        return true;
    case KEY_KERNEL:
        arguments->check.kernel = parse_choice("--kernel", value, cramfs_kernel_names());
        return true;
    case KEY_XIP_PROFILE:
        arguments->profile_path = value;
        return true;
    case KEY_REQUIRE_XIP:
        add_xip_demand(&arguments->gate, value);
        return true;
    case KEY_MIN_DIRECT:
        arguments->gate.min_direct = parse_percent("--min-direct", value);
        arguments->gate.min_direct_label = "--min-direct=";
        return true;
    case KEY_XIP_REPORT:
        arguments->report =
            value && parse_choice("--xip-report", value, forms) == 1 ? REPORT_JSON : REPORT_TEXT;
        return true;
    default:
        return false;
    }
}

static bool parse_extract_option(int key, const char *value, struct cramfsck_arguments *arguments)
{
    switch (key) {
    case 'x':
    case KEY_EXTRACT:
        arguments->extract = value; /* without a directory: the check inflates everything anyway */
        return true;
    case KEY_FORCE:
        arguments->extraction.force = true;
        return true;
    case KEY_PRIVILEGED:
        arguments->extraction.privileged = true;
        return true;
    case KEY_MAX_EXTRACT:
        arguments->extraction.max_bytes = parse_size("--max-extract", value, 0, UINT64_MAX);
        return true;
    default:
        return false;
    }
}

static bool parse_check_option(int key, const char *value, struct cramfsck_arguments *arguments)
{
    static const char *const crc_checks[] = {"error", "warn", "ignore", NULL};
    static const char *const severities[] = {"error", "hazard", "note", NULL};
    switch (key) {
    case KEY_CRC:
        arguments->check.crc = parse_choice("--crc", value, crc_checks);
        return true;
    case 'E':
    case KEY_STRICT:
        arguments->strict = true;
        return true;
    case 'j':
        arguments->check.jobs = parse_jobs(value);
        return true;
    case KEY_JSON:
        arguments->json = true;
        return true;
    case KEY_SEVERITY:
        arguments->severity = parse_choice("--severity", value, severities);
        return true;
    case 'v':
    case KEY_QUIET: /* the last one counts */
        arguments->verbose = key == 'v';
        arguments->quiet = key == KEY_QUIET;
        return true;
    case 'a':
    case 'c':
    case 'y':
        return true;
    default:
        return false;
    }
}

static void check_paths(const struct cramfsck_arguments *arguments)
{
    bool text = arguments->report == REPORT_TEXT && !arguments->json;
    if (arguments->open.paths_count && !arguments->extract && !text)
        usage_error("'%s': a PATH needs --extract=DIR, or --xip-report as text%s",
                    arguments->open.paths[0],
                    arguments->report == REPORT_NONE ? "; give one of these"
                                                     : "; the JSON always has all files");
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct cramfsck_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_END:
        need_image(&arguments->open);
        check_paths(arguments);
        if (arguments->profile_path && arguments->report == REPORT_NONE)
            usage_error("--xip-profile needs --xip-report");
        if (arguments->open.scan && xip_demanded(&arguments->gate))
            usage_error("--scan checks no image; leave out --require-xip and --min-direct");
        return 0;
    case KEY_OLD_BLOCK_SIZE:
        key = 'b';
        break;
    default:
        break;
    }
    if (parse_open_option(key, value, &arguments->open) ||
        parse_check_option(key, value, arguments) || parse_extract_option(key, value, arguments) ||
        parse_report_option(key, value, arguments))
        return 0;
    parse_common(key, state);
    return ARGP_ERR_UNKNOWN;
}

static bool reports(const struct cramfsck_arguments *arguments)
{
    return arguments->report != REPORT_NONE || xip_demanded(&arguments->gate);
}

void report_idle_options(const struct cramfsck_arguments *arguments, struct cramfs_diags *diags)
{
    const struct cramfs_extract_options *extraction = &arguments->extraction;
    const bool into = arguments->extract;
    const struct {
        bool idle;
        const char *name;
        const char *needs;
    } options[] = {
        {arguments->base != CRAMFS_ANY_ADDRESS && !reports(arguments), "--base",
         "--xip-report, --require-xip or --min-direct"},
        {extraction->force && !into, "--force", "--extract=DIR"},
        {extraction->privileged && !into, "--privileged", "--extract=DIR"},
        {extraction->max_bytes != CRAMFS_DEFAULT_MAX_EXTRACT && !into, "--max-extract",
         "--extract=DIR"},
        {arguments->open.scan && arguments->report != REPORT_NONE, "--xip-report",
         "a check, and --scan checks no image"},
        {arguments->open.scan && into, "--extract", "a check, and --scan checks no image"},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (options[i].idle)
            cramfs_report(diags, CRAMFS_WARNING, CRAMFS_ERR_USAGE, NULL,
                          "%s has no effect: it needs %s", options[i].name, options[i].needs);
    }
}

/* No level of its own. */
#define SEVERITY_BY_OTHERS ((enum cramfs_finding_severity)(CRAMFS_FINDING_NOTE + 1))

void parse_cramfsck_arguments(int argc, char **argv, struct cramfsck_arguments *arguments)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse_option,
        .args_doc = "IMAGE [PATH...]",
        .doc =
            "cramfsck rootfs.img                  # Check an image\n"
            "cramfsck --xip-report rootfs.img     # Find out what runs in place, and why not\n"
            "cramfsck --extract=DIR rootfs.img    # Extract an image into DIR\n\n"
            "Checks a cramfs IMAGE made by any tool, and prints all findings. PATHs in the image, "
            "which may be globs, select the files that --extract extracts and that --xip-report "
            "shows with their segments."
            "\vExit status: 0 no errors; 4 errors, or too little in place; 8 cannot operate; "
            "16 wrong usage.",
    };
    *arguments = (struct cramfsck_arguments){
        .open = open_arguments(argc),
        .check = {.jobs = pool_default_threads()},
        .severity = SEVERITY_BY_OTHERS,
        .extraction = {.max_bytes = CRAMFS_DEFAULT_MAX_EXTRACT, .owners = geteuid() == 0},
        .base = CRAMFS_ANY_ADDRESS,
    };
    parse_command_line(&argp, argc, argv, arguments);
    if (arguments->severity == SEVERITY_BY_OTHERS)
        arguments->severity =
            arguments->verbose || arguments->json ? CRAMFS_FINDING_NOTE : CRAMFS_FINDING_HAZARD;
    arguments->gate.most_files = arguments->verbose ? SIZE_MAX : 0;
    arguments->gate.more_hint = "; -v and --json list all files";
}
