#include "cramfs/view.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/options.h"

/*
 * If memory runs out, the entry is not marked. The error is still counted, and the image counts as
 * damaged.
 */
void cramfs_damage_found(void *context, const struct cramfs_finding *finding)
{
    struct cramfs_damage *damage = context;
    if (cramfs_rule_info(finding->rule)->severity != CRAMFS_FINDING_ERROR)
        return;
    damage->errors++;
    if (finding->entry == CRAMFS_NO_ENTRY)
        return;
    if (finding->entry >= damage->entries_count) {
        size_t missing = finding->entry + (size_t)1 - damage->entries_count;
        if (!array_reserve(&damage->entries, sizeof(*damage->entries), damage->entries_count,
                           &damage->entries_capacity, missing))
            return;
        while (damage->entries_count <= finding->entry)
            damage->entries[damage->entries_count++] = false;
    }
    damage->entries[finding->entry] = true;
}

void cramfs_damage_free(struct cramfs_damage *damage)
{
    if (!damage)
        return;
    free(damage->entries);
    *damage = (struct cramfs_damage){0};
}

static bool marked(const struct cramfs_damage *damage, uint32_t entry)
{
    return entry < damage->entries_count && damage->entries[entry];
}

bool cramfs_view_damaged(const struct cramfs_view *view, uint32_t entry)
{
    uint32_t inode = view->survey->inode[entry];
    return view->damage && (marked(view->damage, entry) ||
                            (inode != CRAMFS_NO_ENTRY && marked(view->damage, inode)));
}

/* cramfs_view_open() returns the first member of this. */
struct opened_view {
    struct cramfs_view view;
    struct cramfs_image image;
    struct cramfs_survey survey;
    struct cramfs_damage damage;
};

static struct opened_view *create_view(struct cramfs_diags *diags)
{
    struct opened_view *opened = calloc(1, sizeof(*opened));
    if (!opened)
        cramfs_fail_memory(diags);
    else
        opened->view = (struct cramfs_view){&opened->image, &opened->survey, &opened->damage};
    return opened;
}

static int survey_opened(struct opened_view *opened)
{
    const struct cramfs_listener listener = {cramfs_damage_found, &opened->damage};
    cramfs_survey_free(&opened->survey);
    cramfs_damage_free(&opened->damage);
    return cramfs_survey(&opened->image, &listener, &opened->survey);
}

/* Which pages are in place depends on the kernel; a first survey may have to find out which one. */
static int survey_for_kernel(struct opened_view *opened, enum cramfs_made_for made_for)
{
    bool nommu = false;
    opened->image.unaligned = made_for == CRAMFS_MADE_FOR_NOMMU;
    int error = survey_opened(opened);
    if (!error && made_for == CRAMFS_MADE_FOR_ANY)
        error = cramfs_made_for_nommu(&opened->image, &opened->survey, &nommu);
    if (error || !nommu)
        return error;
    opened->image.unaligned = true;
    return survey_opened(opened);
}

/* Surveys the open image; `error` is the result of opening. */
static int finish_view(struct opened_view *opened, int error,
                       const struct cramfs_open_options *options, struct cramfs_diags *diags,
                       struct cramfs_view **view)
{
    struct cramfs_open_options own;
    options_copy(&own, sizeof(own), options);
    if (!error && survey_for_kernel(opened, own.made_for) != 0)
        error = cramfs_fail_memory(diags);
    if (error)
        cramfs_view_close(&opened->view);
    *view = error ? NULL : &opened->view;
    return error;
}

int cramfs_view_open(const char *path, const struct cramfs_open_options *options,
                     struct cramfs_diags *diags, struct cramfs_view **view)
{
    struct opened_view *opened = create_view(diags);
    *view = NULL;
    if (!opened)
        return -CRAMFS_ERR_MEMORY;
    int error = cramfs_image_open(path, options, &opened->image, diags);
    return finish_view(opened, error, options, diags, view);
}

int cramfs_view_open_memory(const void *bytes, uint64_t size,
                            const struct cramfs_open_options *options, struct cramfs_diags *diags,
                            struct cramfs_view **view)
{
    struct opened_view *opened = create_view(diags);
    *view = NULL;
    if (!opened)
        return -CRAMFS_ERR_MEMORY;
    int error = cramfs_image_open_memory(bytes, size, options, &opened->image, diags);
    return finish_view(opened, error, options, diags, view);
}

/* Marks the damage, and passes the finding on. */
struct relay {
    struct cramfs_damage *damage;
    const struct cramfs_listener *listener;
};

static void relay_finding(void *context, const struct cramfs_finding *finding)
{
    const struct relay *relay = context;
    cramfs_damage_found(relay->damage, finding);
    if (relay->listener)
        relay->listener->found(relay->listener->context, finding);
}

int cramfs_view_check(struct cramfs_view *view, const struct cramfs_check_options *options,
                      const struct cramfs_listener *listener)
{
    struct opened_view *opened = (struct opened_view *)view;
    struct relay relay = {&opened->damage, listener};
    const struct cramfs_listener relaying = {relay_finding, &relay};
    cramfs_survey_free(&opened->survey);
    cramfs_damage_free(&opened->damage);
    int error = cramfs_survey(&opened->image, &relaying, &opened->survey);
    return error ? error : cramfs_check(&opened->image, &opened->survey, options, &relaying);
}

void cramfs_view_close(struct cramfs_view *view)
{
    struct opened_view *opened = (struct opened_view *)view;
    if (!opened)
        return;
    cramfs_survey_free(&opened->survey);
    cramfs_damage_free(&opened->damage);
    cramfs_image_close(&opened->image);
    free(opened);
}
