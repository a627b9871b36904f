/*
 * check-image IMAGE: prints the findings of the check, and which pages a kernel will run in place.
 * Ends with 4 if there is an error. An example of findings, and of the XIP report as text.
 */
#include <cramfs/cramfs.h>

/* Called for each finding; `context` is the view. */
static void print_finding(void *context, const struct cramfs_finding *finding)
{
    const struct cramfs_view *view = context;
    cramfs_finding_print(stderr, "check-image", view->survey, finding);
}

static int check(struct cramfs_view *view)
{
    const struct cramfs_check_options options = {.size = sizeof(options), .jobs = 1};
    const struct cramfs_listener listener = {print_finding, view};
    struct cramfs_xip_report report = {0};
    int error = cramfs_view_check(view, &options, &listener);
    if (!error)
        error = cramfs_xip_report(view->image, view->survey, CRAMFS_ANY_ADDRESS, CRAMFS_KERNEL_MMU,
                                  &report);
    if (!error)
        error = cramfs_xip_report_print(view->image, view->survey, &report, NULL, stdout);
    cramfs_xip_report_free(&report);
    return error;
}

int main(int argc, char **argv)
{
    struct cramfs_diags diags = {0};
    struct cramfs_view *view;
    if (argc != 2) {
        fprintf(stderr, "usage: check-image IMAGE\n");
        return 16;
    }
    int error = cramfs_view_open(argv[1], NULL, &diags, &view);
    if (!error && check(view) != 0)
        error = cramfs_fail_memory(&diags);
    int code = error ? 8 : view->damage->errors ? 4 : 0;
    cramfs_diags_print(&diags, stderr, "check-image", CRAMFS_ERROR, NULL);
    cramfs_diags_free(&diags);
    cramfs_view_close(view);
    return code;
}
