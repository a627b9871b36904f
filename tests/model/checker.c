#include "checker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/check.h"
#include "cramfs/xip_report.h"

struct library {
    struct cramfs_image image;
    struct cramfs_survey survey;
};

static void note_finding(void *context, const struct cramfs_finding *finding)
{
    struct check *check = context;
    const char *name = cramfs_rule_info(finding->rule)->name;
    if (finding->severity == CRAMFS_FINDING_NOTE)
        return;
    check->clean = false;
    size_t used = strlen(check->rules), length = strlen(name);
    for (const char *at = check->rules; (at = strstr(at, name)); at += length)
        if ((at == check->rules || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return;
    snprintf(check->rules + used, sizeof(check->rules) - used, "%s%s", used ? " " : "", name);
}

static void note_panic(void *context, const struct cramfs_finding *finding)
{
    struct check *check = context;
    check->panics = check->panics || finding->severity != CRAMFS_FINDING_NOTE;
}

static void check_without_mmu(struct check *check)
{
    const struct cramfs_check_options options = {
        .jobs = 1, .crc = CRAMFS_CRC_IS_IGNORED, .kernel = CRAMFS_KERNEL_NOMMU};
    const struct cramfs_listener listener = {note_panic, check};
    cramfs_check(&check->library->image, &check->library->survey, &options, &listener);
}

void run_checker(struct check *check, const unsigned char *bytes, size_t length, uint32_t page)
{
    const struct cramfs_open_options how = {.page_size = page};
    const struct cramfs_check_options options = {.jobs = 1};
    const struct cramfs_listener listener = {note_finding, check};
    struct library *library = calloc(1, sizeof(*library));
    *check = (struct check){.library = library};
    if (!library || cramfs_image_open_memory(bytes, length, &how, &library->image, NULL) != 0) {
        free(library);
        check->library = NULL;
        return;
    }
    check->opened = check->clean = true;
    check->big = library->image.order == CRAMFS_BIG;
    check->page = library->image.page_size;
    if (cramfs_survey(&library->image, &listener, &library->survey) != 0 ||
        cramfs_check(&library->image, &library->survey, &options, &listener) != 0 ||
        library->image.swap != CRAMFS_SWAP_NONE || library->image.offset)
        check->clean = false;
    if (check->clean)
        check_without_mmu(check);
}

void release_check(struct check *check)
{
    if (!check->library)
        return;
    cramfs_survey_free(&check->library->survey);
    cramfs_image_close(&check->library->image);
    free(check->library);
    check->library = NULL;
}

static const struct shown *find_shown(const struct view *view, const char *path)
{
    size_t low = 0, high = view->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(path, view->shown[middle].path);
        if (!order)
            return &view->shown[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool same_inode(const struct cramfs_inode *read, const struct shown *shown, bool root)
{
    uint32_t mode = read->mode | (root ? CRAMFS_ROOT_MODE : 0);
    bool device = S_ISCHR(mode) || S_ISBLK(mode);
    bool sized = S_ISREG(mode) || S_ISLNK(mode) || S_ISDIR(mode);
    return mode == shown->inode.mode && read->uid == shown->inode.uid &&
           read->gid == shown->inode.gid && (!sized || read->size == shown->inode.size) &&
           (!device || read->size == shown->inode.device_number);
}

static const char *compare_bytes(const struct library *library, const struct cramfs_inode *inode,
                                 const struct shown *shown, struct cramfs_inflater *inflater)
{
    unsigned char *bytes = NULL;
    const char *problem = NULL;
    if (!shown->bytes)
        return NULL;
    if (cramfs_image_read_file(&library->image, inode, inflater, &bytes) != 0)
        return "the library cannot read what the kernel reads";
    if (memcmp(bytes, shown->bytes, inode->size) != 0)
        problem = "the library reads other bytes";
    free(bytes);
    return problem;
}

static const char *compare_entries(const struct library *library, const struct view *view,
                                   struct cramfs_inflater *inflater, char *where, size_t size)
{
    const struct cramfs_entries *entries = &library->survey.entries;
    const char *problem = entries->list_count == view->count ? NULL : "another number of names";
    for (uint32_t i = 0; i < entries->list_count && !problem; i++) {
        cramfs_entry_path(entries, i, where, size);
        const struct shown *shown = find_shown(view, where);
        if (!shown)
            problem = "a name that the kernel does not show";
        else if (!same_inode(&entries->list[i].inode, shown, i == 0))
            problem = "another type, mode, owner, size or device";
        else
            problem = compare_bytes(library, &entries->list[i].inode, shown, inflater);
    }
    return problem;
}

static bool same_mapping(struct mount *mount, const struct shown *shown,
                         const struct cramfs_mapping *asked,
                         const struct cramfs_prediction *predicted)
{
    uint32_t mapped = 0, address = 0;
    bool never = asked->impossible || asked->flags & CRAMFS_ELF_WRITE;
    if (shown && asked->length && !never && asked->offset / mount->page < UINT32_MAX)
        map_pages(mount, &shown->inode, (uint32_t)(asked->offset / mount->page),
                  (uint32_t)(asked->length / mount->page), &mapped, &address);
    return mapped == predicted->direct_pages;
}

/* The mapping of the whole file, and those that a program's loader makes. */
static bool same_mappings(const struct cramfs_xip_report *report,
                          const struct cramfs_xip_file *file, struct mount *mount,
                          const struct shown *shown)
{
    const struct cramfs_mapping whole = {.length = file->whole.pages * mount->page};
    bool same = same_mapping(mount, shown, &whole, &file->whole);
    for (size_t i = 0; i < file->mappings_count; i++) {
        const struct cramfs_xip_mapping *mapping = &report->mappings[file->first_mapping + i];
        same = same && same_mapping(mount, shown, &mapping->asked, &mapping->predicted);
    }
    return same;
}

static const char *compare_report(const struct library *library, const struct view *view,
                                  struct mount *mount, char *where, size_t size)
{
    struct cramfs_xip_report report;
    const char *problem = NULL;
    if (cramfs_xip_report(&library->image, &library->survey, CRAMFS_ANY_ADDRESS, CRAMFS_KERNEL_MMU,
                          &report) != 0)
        problem = "no report";
    for (size_t i = 0; i < report.files_count && !problem; i++) {
        const struct cramfs_xip_file *file = &report.files[i];
        cramfs_entry_path(&library->survey.entries, file->entry, where, size);
        if (!same_mappings(&report, file, mount, find_shown(view, where)))
            problem = "the report has another number of pages in place";
    }
    cramfs_xip_report_free(&report);
    return problem;
}

const char *compare_tree(const struct check *check, const struct view *view, struct mount *mount,
                         char *where, size_t where_size)
{
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    const char *problem = inflater ? NULL : "no memory";
    if (!problem)
        problem = compare_entries(check->library, view, inflater, where, where_size);
    if (!problem)
        problem = compare_report(check->library, view, mount, where, where_size);
    cramfs_inflater_free(inflater);
    return problem;
}
