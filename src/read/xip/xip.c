/*
 * The XIP report, file by file, in path order. For each file: predicts its mappings, and finds its
 * possible pages (map_file); counts direct and possible pages (count_pages); compares them with the
 * profile (touches.c); and adds the cost of its pages in place (cost.c). A further name of an inode
 * gets the results of the first name.
 */
#include "cramfs/xip_report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "read/program_block.h"
#include "read/xip/touches.h"
#include "read/xip/xip.h"

struct reporting {
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    struct cramfs_placement placement;
    const bool *chosen; /* by entry: files to report, without costs; NULL: all files, with costs */
    struct cramfs_xip_report *out;
    struct cramfs_inflater *inflater;
    struct xip_cost cost;
    struct xip_touches touches;
    unsigned char *page; /* room for one */
    uint32_t *file_of;   /* by entry: the index of its file in the report */
    bool *direct;        /* by page of the current file */
    bool *possible;      /* likewise */
    uint64_t left;       /* bytes of programs that may still be read */
};

/*
 * Whether the first block looks like a program. The rest of the file is read only then, because
 * reading is slow and few files are programs.
 */
static bool begins_like_program(const struct reporting *reporting, const struct cramfs_table *table)
{
    struct cramfs_block block;
    cramfs_block_locate(table, 0, &block);
    return block_begins_program(reporting->image, &block, reporting->inflater, reporting->page);
}

/*
 * Totals count only the first name of each inode. A further name is not counted even if it differs:
 * in a damaged image, names of one inode can have different sizes.
 */
static bool is_first_name(const struct reporting *reporting, uint32_t entry)
{
    return reporting->survey->inode[entry] == entry;
}

static int add_mappings(struct reporting *reporting, const struct cramfs_table *table,
                        const struct cramfs_program *program, struct cramfs_xip_file *file)
{
    struct cramfs_xip_report *out = reporting->out;
    size_t count = program->mappings_count;
    struct cramfs_prediction *found = calloc(count + 1, sizeof(*found));
    if (!found || !array_reserve(&out->mappings, sizeof(*out->mappings), out->mappings_count,
                                 &out->mappings_capacity, count)) {
        free(found);
        return -CRAMFS_ERR_MEMORY;
    }
    cramfs_mappings_predict(table, &reporting->placement, program->mappings, count, found);
    for (size_t i = 0; i < count; i++)
        out->mappings[out->mappings_count++] =
            (struct cramfs_xip_mapping){program->mappings[i], found[i]};
    file->mappings_count = count;
    free(found);
    return 0;
}

/*
 * Adds the mappings that a loader makes of the file in `bytes`, and finds which of its pages can be
 * direct.
 */
static int map_program(struct reporting *reporting, const struct cramfs_table *table,
                       const void *bytes, struct cramfs_xip_file *file)
{
    enum cramfs_kernel kernel = reporting->placement.kernel;
    struct cramfs_program program;
    int error = cramfs_program_read(bytes, table->size, kernel, table->page_size, &program);
    if (error)
        return error;
    file->kind = program.kind;
    reporting->out->narrow_programs += program.narrow && is_first_name(reporting, file->entry);
    if (program.kind == CRAMFS_PROGRAM_MAPPED)
        error = add_mappings(reporting, table, &program, file);
    /* A program that maps nothing from its file, such as an ELF file with .bss only, is data. */
    if (!error)
        error = cramfs_possible_pages(table, file->mappings_count ? bytes : NULL, kernel,
                                      reporting->possible);
    cramfs_program_free(&program);
    return error;
}

/*
 * How many bytes of programs the report reads at most. The limit is for hostile images: there,
 * thousands of names of one inode can differ from the first name in size. copy_first_name() copies
 * nothing to them, so each is read whole. A sound image never exceeds the limit: only first names
 * are read, each page of an inode has its own pointer, and an image has room for at most
 * size / CRAMFS_POINTER_SIZE pointers.
 */
static uint64_t most_bytes(const struct cramfs_image *image)
{
    return image->reader.size / CRAMFS_POINTER_SIZE * image->page_size;
}

/* Subtracts the bytes of the file from that limit. Returns false if they are more than is left. */
static bool take_from_limit(struct reporting *reporting, const struct cramfs_table *table)
{
    if (table->size > reporting->left)
        return false;
    reporting->left -= table->size;
    return true;
}

static int map_file(struct reporting *reporting, const struct cramfs_table *table,
                    struct cramfs_xip_file *file)
{
    struct cramfs_mapping whole = cramfs_mapping_whole(table->size, table->page_size);
    cramfs_mapping_predict(table, &reporting->placement, &whole, &file->whole);
    unsigned char *bytes = NULL;
    int error = 0;
    if (begins_like_program(reporting, table) && take_from_limit(reporting, table))
        error = cramfs_image_read_file(reporting->image,
                                       &reporting->survey->entries.list[file->entry].inode,
                                       reporting->inflater, &bytes);
    if (error == -CRAMFS_ERR_MEMORY)
        return error;
    if (!bytes)
        return cramfs_possible_pages(table, NULL, reporting->placement.kernel, reporting->possible);
    error = map_program(reporting, table, bytes, file);
    free(bytes);
    return error;
}

/* Marks the pages that the kernel maps directly for the mapping, and that stay mapped. */
static void mark_direct(bool *direct, const struct cramfs_table *table,
                        const struct cramfs_mapping *asked, const struct cramfs_prediction *found)
{
    uint64_t first = asked->offset / table->page_size;
    uint64_t kept =
        found->direct_pages < asked->kept_pages ? found->direct_pages : asked->kept_pages;
    for (uint64_t i = 0; i < kept; i++)
        direct[first + i] = true;
}

/*
 * Whether the mapping has a lost page: one that stays mapped, is possible, and is direct in no
 * mapping of the file. Writable mappings are skipped, because no kernel maps them directly. No lost
 * page is missed: each possible page of a program is in a read-only mapping, even if a writable
 * mapping contains the page, too.
 */
static bool has_lost_page(const struct reporting *reporting, const struct cramfs_table *table,
                          const struct cramfs_mapping *asked)
{
    uint64_t first = asked->offset / table->page_size;
    uint64_t pages = cramfs_block_count(table->size, table->page_size);
    if (asked->flags & CRAMFS_ELF_WRITE)
        return false;
    for (uint64_t i = first; i < pages && i - first < asked->kept_pages; i++) {
        if (reporting->possible[i] && !reporting->direct[i])
            return true;
    }
    return false;
}

/*
 * The index, in the report's list, of the file's first mapping with a lost page; CRAMFS_XIP_WHOLE
 * if there is none.
 */
static size_t find_short_mapping(const struct reporting *reporting,
                                 const struct cramfs_table *table,
                                 const struct cramfs_xip_file *file)
{
    size_t end = file->first_mapping + file->mappings_count;
    for (size_t i = file->first_mapping; i < end; i++) {
        if (has_lost_page(reporting, table, &reporting->out->mappings[i].asked))
            return i;
    }
    return CRAMFS_XIP_WHOLE;
}

static void count_pages(const struct reporting *reporting, const struct cramfs_table *table,
                        struct cramfs_xip_file *file)
{
    uint32_t pages = cramfs_block_count(table->size, table->page_size);
    bool *direct = reporting->direct;
    memset(direct, 0, pages * sizeof(*direct));
    for (size_t i = 0; i < file->mappings_count; i++) {
        const struct cramfs_xip_mapping *mapping =
            &reporting->out->mappings[file->first_mapping + i];
        mark_direct(direct, table, &mapping->asked, &mapping->predicted);
    }
    if (!file->mappings_count) {
        struct cramfs_mapping whole = cramfs_mapping_whole(table->size, table->page_size);
        mark_direct(direct, table, &whole, &file->whole);
    }
    for (uint32_t i = 0; i < pages; i++) {
        file->direct_pages += direct[i];
        file->possible_pages += direct[i] || reporting->possible[i];
    }
    file->ram_saved_bytes = file->direct_pages * table->page_size;
    file->short_mapping = find_short_mapping(reporting, table, file);
}

/*
 * Copies to a further name of an inode the results of the first name. Returns false, and copies
 * nothing, if `entry` is the first name, or if the two differ in type or size, as they can in a
 * damaged image.
 */
static bool copy_first_name(const struct reporting *reporting, uint32_t entry,
                            struct cramfs_xip_file *file)
{
    const struct cramfs_entry *list = reporting->survey->entries.list;
    uint32_t first = reporting->survey->inode[entry];
    if (first == CRAMFS_NO_ENTRY || first == entry ||
        list[first].inode.size != list[entry].inode.size || !S_ISREG(list[first].inode.mode))
        return false;
    *file = reporting->out->files[reporting->file_of[first]];
    file->entry = entry;
    return true;
}

static int look_at_file(struct reporting *reporting, struct cramfs_xip_file *file)
{
    const struct cramfs_inode *inode = &reporting->survey->entries.list[file->entry].inode;
    struct cramfs_table table = cramfs_image_table(reporting->image, inode);
    if (!table.size || copy_first_name(reporting, file->entry, file))
        return 0;
    int error = map_file(reporting, &table, file);
    if (error)
        return error;
    count_pages(reporting, &table, file);
    /*
     * A further name gets this far only in a damaged image, if it differs from the first name. Its
     * touches are counted for the first name. Its flash cost must be 0 (xip_report.h), so it is not
     * passed to xip_cost_add(). If it were, the cost of its pages would be counted for it, and not
     * for a later file that has the same pages.
     */
    if (!is_first_name(reporting, file->entry))
        return 0;
    error = xip_touches_add(&reporting->touches, &table, reporting->direct, file, reporting->out);
    return error || reporting->chosen ? error : xip_cost_add(&reporting->cost, &table, file);
}

static int add_file(struct reporting *reporting, uint32_t entry)
{
    struct cramfs_xip_report *out = reporting->out;
    struct cramfs_xip_file file = {
        .entry = entry, .first_mapping = out->mappings_count, .shares_with = CRAMFS_NO_ENTRY};
    int error = look_at_file(reporting, &file);
    if (error)
        return error;
    bool first = is_first_name(reporting, entry);
    if (!first)
        file.ram_saved_bytes = 0;
    if (!ARRAY_GROW(out, files))
        return -CRAMFS_ERR_MEMORY;
    reporting->file_of[entry] = (uint32_t)out->files_count;
    out->files[out->files_count++] = file;
    out->ram_saved_bytes += file.ram_saved_bytes;
    if (first) {
        out->pages += file.whole.pages;
        out->direct_pages += file.direct_pages;
        out->possible_pages += file.possible_pages;
        out->touched_pages += file.touched_pages;
        out->touched_direct_pages += file.touched_direct_pages;
    }
    return 0;
}

static int add_files(struct reporting *reporting)
{
    const struct cramfs_entries *entries = &reporting->survey->entries;
    for (uint32_t i = 0; i < entries->list_count; i++) {
        const struct cramfs_inode *inode = &entries->list[i].inode;
        bool readable = !inode->size || cramfs_survey_has_blocks(reporting->survey, i);
        if (!S_ISREG(inode->mode) || !readable || (reporting->chosen && !reporting->chosen[i]))
            continue;
        int error = add_file(reporting, i);
        if (error)
            return error;
    }
    return 0;
}

int cramfs_xip_report(const struct cramfs_image *image, const struct cramfs_survey *survey,
                      uint64_t address, enum cramfs_kernel kernel, struct cramfs_xip_report *report)
{
    return cramfs_xip_report_profiled(image, survey, address, kernel, NULL, 1, report);
}

static int make_report(const struct cramfs_image *image, const struct cramfs_survey *survey,
                       const struct cramfs_profile *profile, const bool *chosen, unsigned jobs,
                       struct cramfs_xip_report *report)
{
    uint32_t most_pages = cramfs_block_count(CRAMFS_MAX_FILE_SIZE, image->page_size);
    struct reporting reporting = {
        .image = image,
        .survey = survey,
        .chosen = chosen,
        .out = report,
        .left = most_bytes(image),
        .inflater = cramfs_inflater_create(),
        .page = malloc(image->page_size),
        .file_of = calloc(survey->entries.list_count, sizeof(uint32_t)),
        .direct = calloc(most_pages, sizeof(bool)),
        .possible = calloc(most_pages, sizeof(bool)),
    };
    reporting.placement.extended = image->super.flags & CRAMFS_FLAG_EXT_BLOCK_POINTERS;
    reporting.placement.address = report->address;
    reporting.placement.kernel = report->kernel;
    int error = chosen ? 0 : xip_cost_open(&reporting.cost, image, survey, report->kernel, jobs);
    if (!reporting.inflater || !reporting.page || !reporting.file_of || !reporting.direct ||
        !reporting.possible)
        error = -CRAMFS_ERR_MEMORY;
    if (!error)
        error = xip_touches_open(&reporting.touches, survey, profile, most_pages);
    if (!error)
        error = add_files(&reporting);
    if (!error && !chosen)
        xip_cost_finish(&reporting.cost, report);
    xip_touches_sort(report);
    xip_touches_close(&reporting.touches);
    xip_cost_close(&reporting.cost);
    cramfs_inflater_free(reporting.inflater);
    free(reporting.page);
    free(reporting.file_of);
    free(reporting.direct);
    free(reporting.possible);
    return error;
}

int cramfs_xip_report_profiled(const struct cramfs_image *image, const struct cramfs_survey *survey,
                               uint64_t address, enum cramfs_kernel kernel,
                               const struct cramfs_profile *profile, unsigned jobs,
                               struct cramfs_xip_report *report)
{
    *report = (struct cramfs_xip_report){
        .address = address, .kernel = kernel, .profiled = profile != NULL};
    return make_report(image, survey, profile, NULL, jobs, report);
}

int xip_report_chosen(const struct cramfs_image *image, const struct cramfs_survey *survey,
                      enum cramfs_kernel kernel, const bool *chosen,
                      struct cramfs_xip_report *report)
{
    *report = (struct cramfs_xip_report){.address = CRAMFS_ANY_ADDRESS, .kernel = kernel};
    return make_report(image, survey, NULL, chosen, 1, report);
}

const struct cramfs_prediction *xip_lost_prediction(const struct cramfs_xip_report *report,
                                                    const struct cramfs_xip_file *file)
{
    return file->short_mapping == CRAMFS_XIP_WHOLE
               ? &file->whole
               : &report->mappings[file->short_mapping].predicted;
}

const char *cramfs_xip_lost_reason(const struct cramfs_xip_report *report,
                                   const struct cramfs_xip_file *file, char *buffer, size_t size)
{
    if (!cramfs_xip_lost_pages(file))
        return NULL;
    return cramfs_reason_text(xip_lost_prediction(report, file), buffer, size);
}

void cramfs_xip_report_free(struct cramfs_xip_report *report)
{
    if (!report)
        return;
    free(report->files);
    free(report->mappings);
    free(report->missed);
    *report = (struct cramfs_xip_report){0};
}
