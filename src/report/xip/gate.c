#include "cramfs/xip_gate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/diag.h"
#include "read/xip/xip.h"
#include "report/json.h"
#include "report/json_path.h"
#include "report/text.h"

/* What became of a demand. */
struct demanded {
    uint64_t files; /* that its glob matches */
    uint64_t short_files;
    uint64_t possible_pages; /* of all these files */
    uint64_t direct_pages;
};

/* A file with too few direct pages, and the demand on it that asks for most. */
struct short_file {
    const struct cramfs_xip_file *file;
    size_t demand;
};

struct gating {
    const struct cramfs_xip_gate *gate;
    const char *image;
    const struct cramfs_survey *survey;
    const struct cramfs_xip_report *report;
    FILE *out;
    const struct cramfs_xip_file **files; /* those that lost most first */
    bool image_short;                     /* the image as a whole falls short */
    struct demanded *demanded;            /* by demand */
    struct short_file *short_files;       /* at most all files */
    size_t short_files_count;
    int error; /* -CRAMFS_ERR_MEMORY: it is not known which files a demand is for */
};

/* The number of the demand on the image as a whole. */
#define DEMAND_ON_IMAGE SIZE_MAX

static bool falls_short(uint64_t direct, uint64_t possible, unsigned percent)
{
    return direct * 100 < possible * percent;
}

static void print_head(struct gating *gating)
{
    cramfs_print_text(gating->out, gating->image);
    fputs(": error: ", gating->out);
}

static void print_demand(struct gating *gating, size_t number)
{
    const struct cramfs_xip_gate *gate = gating->gate;
    if (number == DEMAND_ON_IMAGE) {
        fprintf(gating->out, " [%s%u]\n", gate->min_direct_label ? gate->min_direct_label : "",
                gate->min_direct);
        return;
    }
    const struct cramfs_xip_demand *demand = &gate->demands[number];
    const char *pattern = demand->glob.pattern;
    char shown[TEXT_PATH_SIZE];
    fprintf(gating->out, " [%s%s:%u]\n", gate->demand_label ? gate->demand_label : "",
            cramfs_escape(pattern, strlen(pattern), shown, sizeof(shown)), demand->percent);
}

/* 1 or 0, or -CRAMFS_ERR_MEMORY. */
static int fits(const struct cramfs_xip_demand *demand, const char *path)
{
    struct cramfs_exclude glob = demand->glob;
    struct cramfs_excludes alone = {.list = &glob, .list_count = 1, .list_capacity = 1};
    int fit = cramfs_excludes_fit(&alone, path);
    cramfs_excludes_free(&alone);
    return fit;
}

static unsigned percent_of(const struct gating *gating, size_t number)
{
    return number == DEMAND_ON_IMAGE ? gating->gate->min_direct
                                     : gating->gate->demands[number].percent;
}

/* Counts a file for each demand on it, and keeps it when it falls short of one. */
static void take_file(struct gating *gating, const struct cramfs_xip_file *file)
{
    char path[CRAMFS_PATH_SIZE];
    cramfs_entry_path(&gating->survey->entries, file->entry, path, sizeof(path));
    bool found = gating->image_short;
    size_t strictest = DEMAND_ON_IMAGE;
    for (size_t i = 0; i < gating->gate->demands_count; i++) {
        unsigned percent = gating->gate->demands[i].percent;
        int fit = fits(&gating->gate->demands[i], path);
        if (fit < 0)
            gating->error = fit;
        if (fit <= 0)
            continue;
        struct demanded *demanded = &gating->demanded[i];
        demanded->files++;
        demanded->possible_pages += file->possible_pages;
        demanded->direct_pages += file->direct_pages;
        demanded->short_files += falls_short(file->direct_pages, file->possible_pages, percent);
        if (!found || percent > percent_of(gating, strictest))
            strictest = i;
        found = true;
    }
    if (found &&
        falls_short(file->direct_pages, file->possible_pages, percent_of(gating, strictest)))
        gating->short_files[gating->short_files_count++] = (struct short_file){file, strictest};
}

/* Why a demand is not met; NULL when it is. Nothing would be demanded of what is not there. */
static const char *failure(const struct gating *gating, size_t number)
{
    if (number == DEMAND_ON_IMAGE)
        return gating->image_short ? "too few pages are direct" : NULL;
    const struct demanded *demanded = &gating->demanded[number];
    if (!demanded->files)
        return "no regular file fits";
    if (!demanded->possible_pages && gating->gate->demands[number].percent)
        return "no page of the files that fit can be direct";
    return demanded->short_files ? "files have too few direct pages" : NULL;
}

static int gate_open(struct gating *gating)
{
    const struct cramfs_xip_report *report = gating->report;
    unsigned least = gating->gate->min_direct;
    gating->demanded = calloc(gating->gate->demands_count + 1, sizeof(*gating->demanded));
    gating->short_files = calloc(report->files_count + 1, sizeof(*gating->short_files));
    gating->files = xip_by_loss(report);
    if (!gating->demanded || !gating->short_files || !gating->files)
        return -CRAMFS_ERR_MEMORY;
    gating->image_short =
        least && (!report->possible_pages ||
                  falls_short(report->direct_pages, report->possible_pages, least));
    for (size_t i = 0; i < report->files_count; i++)
        take_file(gating, gating->files[i]);
    return gating->error;
}

static void gate_close(struct gating *gating)
{
    free(gating->demanded);
    free(gating->short_files);
    free(gating->files);
}

static void print_short_file(struct gating *gating, const struct short_file *found)
{
    char path[TEXT_PATH_SIZE];
    char buffer[64];
    print_head(gating);
    fprintf(gating->out, "%s: %" PRIu64 " of %" PRIu64 " possible pages direct: %s",
            text_entry_path(gating->survey, found->file->entry, path), found->file->direct_pages,
            found->file->possible_pages,
            cramfs_xip_lost_reason(gating->report, found->file, buffer, sizeof(buffer)));
    print_demand(gating, found->demand);
}

static void print_failed(struct gating *gating, size_t number, const char *why)
{
    const struct demanded *demanded = &gating->demanded[number];
    print_head(gating);
    if (demanded->short_files)
        fprintf(gating->out,
                "%" PRIu64 " of %" PRIu64 " files have too few direct pages, in all %" PRIu64
                " of %" PRIu64 " possible ones are",
                demanded->short_files, demanded->files, demanded->direct_pages,
                demanded->possible_pages);
    else
        fputs(why, gating->out);
    print_demand(gating, number);
}

/* The sums. Returns how many demands are not met. */
static uint64_t print_sums(struct gating *gating)
{
    uint64_t failed = gating->image_short;
    if (gating->image_short) {
        print_head(gating);
        fprintf(gating->out, "%" PRIu64 " of %" PRIu64 " possible pages direct",
                gating->report->direct_pages, gating->report->possible_pages);
        print_demand(gating, DEMAND_ON_IMAGE);
    }
    for (size_t i = 0; i < gating->gate->demands_count; i++) {
        const char *why = failure(gating, i);
        if (why)
            print_failed(gating, i, why);
        failed += why != NULL;
    }
    return failed;
}

static void print_files(struct gating *gating)
{
    size_t most = gating->gate->most_files ? gating->gate->most_files : CRAMFS_XIP_GATE_MOST_FILES;
    for (size_t i = 0; i < gating->short_files_count && i < most; i++)
        print_short_file(gating, &gating->short_files[i]);
    if (gating->short_files_count <= most)
        return;
    print_head(gating);
    fprintf(gating->out, "%zu more files have too few%s\n", gating->short_files_count - most,
            gating->gate->more_hint ? gating->gate->more_hint : "");
}

int cramfs_xip_gate_check(const struct cramfs_xip_gate *gate, const char *image,
                          const struct cramfs_survey *survey,
                          const struct cramfs_xip_report *report, FILE *out, uint64_t *shortfalls)
{
    struct gating gating = {
        .gate = gate, .image = image, .survey = survey, .report = report, .out = out};
    int error = gate_open(&gating);
    *shortfalls = 0;
    if (!error) {
        *shortfalls = print_sums(&gating);
        print_files(&gating);
        error = ferror(out) ? -CRAMFS_ERR_IO : 0;
    }
    gate_close(&gating);
    return error;
}

static struct json_object *short_object(const struct gating *gating,
                                        const struct cramfs_xip_file *file, int *error)
{
    struct json_object *object = json_object_new_object();
    char buffer[64];
    *error |= json_add_path(object, &gating->survey->entries, file->entry);
    json_add_int(object, "direct_pages", file->direct_pages, error);
    json_add_int(object, "possible_pages", file->possible_pages, error);
    json_add_string(object, "reason",
                    cramfs_xip_lost_reason(gating->report, file, buffer, sizeof(buffer)), error);
    return object;
}

/* The files that are named for a demand: each once, with the demand that asks for most. */
static struct json_object *short_array(const struct gating *gating, size_t number, int *error)
{
    struct json_object *array = json_object_new_array();
    for (size_t i = 0; i < gating->short_files_count; i++) {
        const struct short_file *found = &gating->short_files[i];
        if (found->demand == number &&
            json_object_array_add(array, short_object(gating, found->file, error)) != 0)
            *error = -CRAMFS_ERR_MEMORY;
    }
    return array;
}

static struct json_object *failed_object(const struct gating *gating, size_t number,
                                         const char *why, int *error)
{
    const struct cramfs_xip_report *report = gating->report;
    struct json_object *object = json_object_new_object();
    bool whole = number == DEMAND_ON_IMAGE;
    struct demanded demanded =
        whole ? (struct demanded){report->files_count, gating->short_files_count,
                                  report->possible_pages, report->direct_pages}
              : gating->demanded[number];
    if (whole)
        json_add_null(object, "glob");
    else if (!*error)
        *error = json_add_bytes(object, "glob", gating->gate->demands[number].glob.pattern,
                                strlen(gating->gate->demands[number].glob.pattern));
    json_add_int(object, "percent", percent_of(gating, number), error);
    json_add_int(object, "files", demanded.files, error);
    json_add_int(object, "short_files", demanded.short_files, error);
    json_add_int(object, "direct_pages", demanded.direct_pages, error);
    json_add_int(object, "possible_pages", demanded.possible_pages, error);
    json_add_string(object, "reason", why, error);
    json_add(object, "short", short_array(gating, number, error), error);
    return object;
}

int cramfs_xip_gate_json(const struct cramfs_xip_gate *gate, const struct cramfs_survey *survey,
                         const struct cramfs_xip_report *report, FILE *out)
{
    struct gating gating = {.gate = gate, .survey = survey, .report = report, .out = out};
    struct json_stream list = {.out = out, .error = gate_open(&gating)};
    const char *whole = failure(&gating, DEMAND_ON_IMAGE);
    fputc('[', out);
    if (!list.error && whole)
        json_item(&list, failed_object(&gating, DEMAND_ON_IMAGE, whole, &list.error));
    for (size_t i = 0; !list.error && i < gate->demands_count; i++) {
        const char *why = failure(&gating, i);
        if (why)
            json_item(&list, failed_object(&gating, i, why, &list.error));
    }
    json_close_array(&list);
    gate_close(&gating);
    return list.error;
}
