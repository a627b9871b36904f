/*
 * cramfsck: checks an image, extracts it, and reports what runs in place.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/common/terminal.h"
#include "cli/cramfsck/chosen.h"
#include "cli/cramfsck/options.h"
#include "cramfs/finding_report.h"
#include "cramfs/view.h"
#include "cramfs/xip_report.h"

/*
 * How many findings of one rule are printed as text. The others are only counted: a hostile or
 * badly cut image can have 100,000.
 */
enum { MOST_PRINTED = 20 };

/* The most bytes that the check keeps for the extraction. The image is in memory, too. */
enum { MOST_INFLATED = 128 << 20 };

/* What the listener knows and keeps. */
struct findings {
    const struct cramfsck_arguments *arguments;
    const struct cramfs_survey *survey;
    uint64_t by_severity[CRAMFS_FINDING_NOTE + 1];
    uint64_t by_rule[CRAMFS_RULES_COUNT];
    const struct cramfs_profile *profile; /* of the report; NULL: none */
    struct cramfs_diags *diags;           /* for errors outside of the image */
    struct cramfs_inflated *inflated;     /* for the extraction; or NULL */
    uint64_t written;                     /* as JSON */
    int error;                            /* of writing */
};

static void write_json(struct findings *findings, const struct cramfs_finding *finding)
{
    bool first = findings->written++ == 0;
    if (!findings->error)
        findings->error = cramfs_finding_json(stdout, first, findings->survey, finding);
}

static void take_finding(void *context, const struct cramfs_finding *finding)
{
    struct findings *findings = context;
    const struct cramfsck_arguments *arguments = findings->arguments;
    uint64_t earlier = findings->by_rule[finding->rule]++;
    findings->by_severity[finding->severity]++;
    if (finding->severity > arguments->severity)
        return;
    if (arguments->json)
        write_json(findings, finding);
    else if (arguments->verbose || earlier < MOST_PRINTED)
        cramfs_finding_print(stderr, arguments->open.image, findings->survey, finding);
}

/* The findings that were too many to print: one line a rule. */
static void print_rest(const struct findings *findings)
{
    if (findings->arguments->verbose || findings->arguments->json)
        return;
    for (int i = 0; i < CRAMFS_RULES_COUNT; i++) {
        const struct cramfs_rule_info *rule = cramfs_rule_info((enum cramfs_rule)i);
        if (findings->by_rule[i] <= MOST_PRINTED || rule->severity > findings->arguments->severity)
            continue;
        cramfs_print_text(stderr, findings->arguments->open.image);
        fprintf(stderr, ": %s: %" PRIu64 " more of these; -v prints them all [%s: %s]\n",
                cramfs_finding_severity_name(rule->severity), findings->by_rule[i] - MOST_PRINTED,
                rule->name, rule->text);
    }
}

/* A kernel of 32 bits keeps the address in an unsigned long, whose upper half is lost. */
static void warn_of_high_address(struct findings *findings, const struct cramfs_image *image,
                                 const struct cramfs_xip_report *report)
{
    const struct cramfsck_arguments *arguments = findings->arguments;
    if (arguments->base == CRAMFS_ANY_ADDRESS || !report->narrow_programs ||
        arguments->base <= UINT32_MAX - (image->reader.size - 1))
        return;
    cramfs_print_text(stderr, arguments->open.image);
    fprintf(stderr,
            ": warning: at --base=0x%" PRIx64 " the image ends above 4 GiB, and %" PRIu64
            " of its programs are 32-bit programs: a 32-bit kernel keeps only the low 32 bits of "
            "the address, and maps the wrong memory; correct --base\n",
            arguments->base, report->narrow_programs);
    findings->by_severity[CRAMFS_FINDING_ERROR] += arguments->strict;
}

/* A profile of another tree counts nothing, and looks like a workload that touches nothing. */
static void warn_of_idle_profile(const struct findings *findings,
                                 const struct cramfs_xip_report *report)
{
    if (report->profiled && !report->touched_pages)
        cramfs_report(findings->diags, CRAMFS_WARNING, CRAMFS_ERR_USAGE,
                      findings->arguments->profile_path,
                      "--xip-profile has no effect: none of its pages is in the image; name a "
                      "profile of this image");
}

/* No page is direct, and all pages in place are for the other kind of kernel. */
static int note_other_kernel(const struct cramfsck_arguments *arguments,
                             const struct cramfs_image *image, const struct cramfs_survey *survey,
                             const struct cramfs_xip_report *report)
{
    bool nommu = false;
    if (report->direct_pages || arguments->check.kernel == CRAMFS_KERNEL_NOMMU)
        return 0;
    int error = cramfs_made_for_nommu(image, survey, &nommu);
    if (nommu) {
        cramfs_print_text(stderr, arguments->open.image);
        fputs(": note: the programs in the image run in place only without an MMU; use "
              "--kernel=nommu\n",
              stderr);
    }
    return error;
}

static int print_report(const struct findings *findings, const struct cramfs_image *image,
                        const struct cramfs_survey *survey, const struct cramfs_xip_report *report)
{
    const struct cramfsck_arguments *arguments = findings->arguments;
    struct terminal terminal = terminal_look();
    struct cramfs_xip_print_options options = {
        .verbose = arguments->verbose, .colours = terminal.colours, .columns = terminal.columns};
    bool *chosen;
    if (arguments->report == REPORT_JSON || arguments->json)
        return cramfs_xip_report_json(image, survey, report, stdout);
    int error = choose_paths(arguments, survey, &chosen, findings->diags);
    options.chosen = chosen;
    if (!error)
        error = cramfs_xip_report_print(image, survey, report, &options, stdout);
    free(chosen);
    return error;
}

/* Prints the report, if one was requested, and an error for each demand that is not met. */
static int report_xip(struct findings *findings, const struct cramfs_image *image,
                      const struct cramfs_survey *survey)
{
    const struct cramfsck_arguments *arguments = findings->arguments;
    struct cramfs_xip_report report;
    uint64_t shortfalls = 0;
    int error = cramfs_xip_report_profiled(image, survey, arguments->base, arguments->check.kernel,
                                           findings->profile, arguments->check.jobs, &report);
    if (!error)
        warn_of_high_address(findings, image, &report);
    if (!error)
        warn_of_idle_profile(findings, &report);
    if (!error && arguments->report != REPORT_NONE)
        error = print_report(findings, image, survey, &report);
    if (!error)
        error = cramfs_xip_gate_check(&arguments->gate, arguments->open.image, survey, &report,
                                      stderr, &shortfalls);
    if (!error && arguments->json && xip_demanded(&arguments->gate)) {
        fputs(",\n\"failed_demands\": ", stdout);
        error = cramfs_xip_gate_json(&arguments->gate, survey, &report, stdout);
    }
    if (!error && !arguments->quiet)
        error = note_other_kernel(arguments, image, survey, &report);
    findings->by_severity[CRAMFS_FINDING_ERROR] += shortfalls;
    cramfs_xip_report_free(&report);
    return error;
}

static void print_verdict(const struct findings *findings)
{
    /* With a report, nothing else goes to standard output. */
    const struct cramfsck_arguments *arguments = findings->arguments;
    if (arguments->quiet || arguments->json || arguments->report != REPORT_NONE)
        return;
    const uint64_t *counts = findings->by_severity;
    cramfs_print_text(stdout, arguments->open.image);
    fputs(": ", stdout);
    if (counts[CRAMFS_FINDING_ERROR] + counts[CRAMFS_FINDING_HAZARD] == 0)
        fputs("clean", stdout);
    else
        printf("%" PRIu64 " errors, %" PRIu64 " hazards", counts[CRAMFS_FINDING_ERROR],
               counts[CRAMFS_FINDING_HAZARD]);
    printf(", %" PRIu32 " files\n", findings->survey->entries.list_count);
}

static int exit_code(const struct findings *findings, int error)
{
    if (error && error != -CRAMFS_ERR_FORMAT)
        return EXIT_OPERATIONAL;
    uint64_t bad = findings->by_severity[CRAMFS_FINDING_ERROR];
    if (findings->arguments->strict)
        bad += findings->by_severity[CRAMFS_FINDING_HAZARD];
    return bad || error ? EXIT_ERRORS_LEFT : EXIT_CLEAN;
}

/* Everything that is printed: findings as they come, and the report. */
static int print_findings(struct findings *findings, const struct cramfs_image *image,
                          struct cramfs_survey *survey)
{
    const struct cramfsck_arguments *arguments = findings->arguments;
    struct cramfs_listener listener = {take_finding, findings};
    if (arguments->json)
        fputs("{\"version\": 1,\n\"findings\": [", stdout);
    bool vendor = cramfs_check_vendor(image, &listener);
    int error = cramfs_survey(image, vendor ? NULL : &listener, survey);
    struct cramfs_check_options options = arguments->check;
    options.inflated = findings->inflated;
    if (!error && !vendor)
        error = cramfs_check(image, survey, &options, &listener);
    if (!error)
        error = findings->error;
    print_rest(findings);
    if (arguments->json)
        fputs(arguments->report == REPORT_NONE ? "\n]" : "\n],\n\"xip\": ", stdout);
    if (!error && (arguments->report != REPORT_NONE || xip_demanded(&arguments->gate)))
        error = report_xip(findings, image, survey);
    if (arguments->json)
        fputs("}\n", stdout);
    return error;
}

static int extract(const struct findings *findings, const struct cramfs_image *image,
                   const struct cramfs_survey *survey, struct cramfs_diags *diags)
{
    const struct cramfsck_arguments *arguments = findings->arguments;
    struct cramfs_extract_options options = arguments->extraction;
    options.jobs = arguments->check.jobs;
    options.inflated = findings->inflated;
    bool *chosen;
    int error = choose_paths(arguments, survey, &chosen, diags);
    options.chosen = chosen;
    if (!error)
        error = cramfs_extract(image, survey, arguments->extract, &options, diags);
    free(chosen);
    return error;
}

static int check(const struct cramfsck_arguments *arguments, const struct cramfs_profile *profile,
                 const struct cramfs_image *image, struct cramfs_diags *diags)
{
    struct cramfs_survey survey;
    struct findings findings = {
        .arguments = arguments, .survey = &survey, .profile = profile, .diags = diags};
    if (arguments->extract)
        findings.inflated = cramfs_inflated_create(MOST_INFLATED);
    int error = print_findings(&findings, image, &survey);
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    if (!error)
        print_verdict(&findings);
    bool vendor = findings.by_rule[CRAMFS_RULE_VENDOR_FORMAT]; /* in another format */
    if (!error && arguments->extract && !vendor)
        error = extract(&findings, image, &survey, diags);
    cramfs_inflated_free(findings.inflated);
    cramfs_survey_free(&survey);
    return exit_code(&findings, error);
}

int main(int argc, char **argv)
{
    struct cramfsck_arguments arguments;
    limit_heaps();
    parse_cramfsck_arguments(argc, argv, &arguments);

    struct cramfs_diags diags = {0};
    struct cramfs_image image;
    int code = EXIT_OPERATIONAL;
    struct cramfs_profile *profile = NULL;
    report_idle_options(&arguments, &diags);
    if (arguments.open.scan)
        code = scan_image(arguments.open.image, arguments.json, &diags);
    else if (arguments.profile_path &&
             cramfs_profile_read(arguments.profile_path, &profile, &diags) != 0)
        code = EXIT_OPERATIONAL;
    else if (cramfs_image_open(arguments.open.image, &arguments.open.options, &image, &diags) ==
             0) {
        code = check(&arguments, profile, &image, &diags);
        cramfs_image_close(&image);
    }
    cramfs_profile_free(profile);
    free_open_arguments(&arguments.open);
    if (arguments.strict && promote_warnings(&diags) && code == EXIT_CLEAN)
        code = EXIT_USAGE;
    print_diags(&diags, arguments.quiet);
    free_xip_demands(&arguments.gate);
    return finish_output(code);
}
