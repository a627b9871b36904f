/*
 * runs-in-place IMAGE [PATH]...: whether the kernel will map files directly: the text of programs
 * and libraries that match a PATH (a path or a glob), and all of any other file that matches.
 * Without a PATH, the text of every program. Prints each file that it will not map directly, and
 * why; ends with 1 if there is one. An example of reading with the library: open, survey, report.
 */
#include <cramfs/cramfs.h>

#include <stdlib.h>

static int print_shortfall(const struct cramfs_survey *survey, const struct cramfs_xip_file *file,
                           const char *what, uint64_t wanted, const struct cramfs_prediction *got)
{
    if (got->direct_pages >= wanted)
        return 0;
    char path[CRAMFS_PATH_SIZE];
    char reason[64];
    cramfs_entry_path(&survey->entries, file->entry, path, sizeof(path));
    printf("%s: %llu of %llu pages%s in place: %s\n", path, (unsigned long long)got->direct_pages,
           (unsigned long long)wanted, what, cramfs_reason_text(got, reason, sizeof(reason)));
    return 1;
}

/*
 * The executable mappings of a program; a mapping of the whole file for any other file that was
 * named.
 */
static int examine(const struct cramfs_survey *survey, const struct cramfs_xip_report *report,
                   const struct cramfs_xip_file *file, int asked_for)
{
    int found = 0;
    if (file->kind != CRAMFS_PROGRAM_MAPPED)
        return asked_for && print_shortfall(survey, file, "", file->whole.pages, &file->whole);
    for (size_t i = 0; i < file->mappings_count; i++) {
        const struct cramfs_xip_mapping *mapping = &report->mappings[file->first_mapping + i];
        if (mapping->asked.flags & CRAMFS_ELF_EXECUTE)
            found |= print_shortfall(survey, file, " of text", mapping->asked.kept_pages,
                                     &mapping->predicted);
    }
    return found;
}

/* `chosen` says for each entry whether it was named; may be NULL. */
static int report_on(const struct cramfs_view *view, const bool *chosen, int *found)
{
    struct cramfs_xip_report report;
    int error = cramfs_xip_report(view->image, view->survey, CRAMFS_ANY_ADDRESS, CRAMFS_KERNEL_MMU,
                                  &report);
    for (size_t i = 0; !error && i < report.files_count; i++)
        if (!chosen || chosen[report.files[i].entry])
            *found |= examine(view->survey, &report, &report.files[i], chosen != NULL);
    cramfs_xip_report_free(&report);
    return error;
}

static int run(const struct cramfs_view *view, char **paths, int *found, struct cramfs_diags *diags)
{
    bool *chosen = NULL;
    int error = 0;
    if (*paths) {
        chosen = calloc(view->survey->entries.list_count, sizeof(*chosen));
        error = chosen ? 0 : cramfs_fail_memory(diags);
    }
    for (; !error && *paths; paths++)
        error = cramfs_choose(view->survey, *paths, chosen, diags);
    if (!error && report_on(view, chosen, found) != 0)
        error = cramfs_fail_memory(diags);
    free(chosen);
    return error;
}

int main(int argc, char **argv)
{
    struct cramfs_diags diags = {0};
    struct cramfs_view *view;
    int found = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: runs-in-place IMAGE [PATH]...\n");
        return 16;
    }
    int error = cramfs_view_open(argv[1], NULL, &diags, &view);
    if (!error)
        error = run(view, argv + 2, &found, &diags);
    cramfs_diags_print(&diags, stderr, "runs-in-place", CRAMFS_ERROR, NULL);
    cramfs_diags_free(&diags);
    cramfs_view_close(view);
    return error ? 8 : found;
}
