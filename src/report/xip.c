#include "cramfs/xip_report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/zero.h"

struct reporting {
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    struct cramfs_placement placement;
    struct cramfs_xip_report *out;
    struct cramfs_inflater *inflater;
    unsigned char *page; /* room for one, also when it does not compress */
    uint32_t *file_of;   /* by entry that is the first of its inode: its file in the report */
    bool *direct;        /* by page of the file at hand */
};

/* Whether the file begins like a program: reading it whole is dear, and few files are. */
static bool begins_like_program(const struct reporting *reporting, const struct cramfs_table *table)
{
    struct cramfs_block block;
    cramfs_block_locate(table, 0, &block);
    return cramfs_image_read_block(reporting->image, &block, reporting->inflater, reporting->page,
                                   NULL) == 0 &&
           cramfs_program_begins(reporting->page, block.file_bytes);
}

static int add_mappings(struct reporting *reporting, const struct cramfs_table *table,
                        const struct cramfs_program *program, struct cramfs_xip_file *file)
{
    struct cramfs_xip_report *out = reporting->out;
    if (!array_reserve(&out->mappings, sizeof(*out->mappings), out->mappings_count,
                       &out->mappings_capacity, program->mappings_count))
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < program->mappings_count; i++) {
        struct cramfs_xip_mapping *mapping = &out->mappings[out->mappings_count++];
        mapping->asked = program->mappings[i];
        cramfs_mapping_predict(table, &reporting->placement, &mapping->asked, &mapping->predicted);
    }
    file->mappings_count = program->mappings_count;
    return 0;
}

static int map_program(struct reporting *reporting, const struct cramfs_table *table,
                       struct cramfs_xip_file *file)
{
    if (!begins_like_program(reporting, table))
        return 0;
    const struct cramfs_inode *inode = &reporting->survey->entries.list[file->entry].inode;
    unsigned char *bytes;
    int error = cramfs_image_read_file(reporting->image, inode, reporting->inflater, &bytes);
    if (error)
        return error == -CRAMFS_ERR_MEMORY ? error : 0;
    struct cramfs_program program;
    error = cramfs_program_read(bytes, inode->size, reporting->placement.kernel, table->page_size,
                                &program);
    free(bytes);
    if (error)
        return error;
    file->kind = program.kind;
    if (program.kind == CRAMFS_PROGRAM_MAPPED)
        error = add_mappings(reporting, table, &program, file);
    cramfs_program_free(&program);
    return error;
}

/* Marks the pages of the file that the mapping has direct, as far as it stays. */
static void mark_direct(bool *direct, const struct cramfs_table *table,
                        const struct cramfs_mapping *asked, const struct cramfs_prediction *found)
{
    uint64_t first = asked->offset / table->page_size;
    uint64_t kept =
        found->direct_pages < asked->kept_pages ? found->direct_pages : asked->kept_pages;
    for (uint64_t i = 0; i < kept; i++)
        direct[first + i] = true;
}

static void count_direct(const struct reporting *reporting, const struct cramfs_table *table,
                         struct cramfs_xip_file *file)
{
    if (!file->mappings_count) {
        file->direct_pages = file->whole.direct_pages;
        return;
    }
    uint32_t pages = cramfs_block_count(table->size, table->page_size);
    memset(reporting->direct, 0, pages * sizeof(*reporting->direct));
    for (size_t i = 0; i < file->mappings_count; i++) {
        const struct cramfs_xip_mapping *mapping =
            &reporting->out->mappings[file->first_mapping + i];
        mark_direct(reporting->direct, table, &mapping->asked, &mapping->predicted);
    }
    for (uint32_t i = 0; i < pages; i++)
        file->direct_pages += reporting->direct[i];
}

/* What one inode's first name has found, for another of its names; false when there is nothing. */
static bool copy_twin(const struct reporting *reporting, uint32_t number,
                      struct cramfs_xip_file *file)
{
    const struct cramfs_entry *list = reporting->survey->entries.list;
    uint32_t first = reporting->survey->inode[number];
    if (first == CRAMFS_NO_ENTRY || first == number ||
        list[first].inode.size != list[number].inode.size || !S_ISREG(list[first].inode.mode))
        return false;
    *file = reporting->out->files[reporting->file_of[first]];
    file->entry = number;
    return true;
}

static int add_file(struct reporting *reporting, uint32_t number)
{
    struct cramfs_xip_report *out = reporting->out;
    const struct cramfs_inode *inode = &reporting->survey->entries.list[number].inode;
    struct cramfs_table table = cramfs_image_table(reporting->image, inode);
    struct cramfs_xip_file file = {.entry = number, .first_mapping = out->mappings_count};
    if (table.size && !copy_twin(reporting, number, &file)) {
        struct cramfs_mapping whole = cramfs_mapping_whole(table.size, table.page_size);
        cramfs_mapping_predict(&table, &reporting->placement, &whole, &file.whole);
        int error = map_program(reporting, &table, &file);
        if (error)
            return error;
        count_direct(reporting, &table, &file);
    }
    if (!ARRAY_GROW(out, files))
        return -CRAMFS_ERR_MEMORY;
    reporting->file_of[number] = (uint32_t)out->files_count;
    out->files[out->files_count++] = file;
    if (reporting->survey->inode[number] == number) {
        out->pages += file.whole.pages;
        out->direct_pages += file.direct_pages;
    }
    return 0;
}

static int add_files(struct reporting *reporting)
{
    const struct cramfs_entries *entries = &reporting->survey->entries;
    for (uint32_t i = 0; i < entries->list_count; i++) {
        const struct cramfs_inode *inode = &entries->list[i].inode;
        bool readable = !inode->size || cramfs_survey_has_blocks(reporting->survey, i);
        if (!S_ISREG(inode->mode) || !readable)
            continue;
        int error = add_file(reporting, i);
        if (error)
            return error;
    }
    return 0;
}

/* What a page would take if it were not in place: nothing as a hole, else what is smaller. */
static size_t otherwise(struct cramfs_deflater *deflater, const unsigned char *bytes, size_t length,
                        unsigned char *room)
{
    if (all_zero(bytes, length))
        return 0;
    size_t deflated = cramfs_deflate(deflater, bytes, length, room, cramfs_deflate_bound(length));
    return deflated && deflated < length ? deflated : length;
}

static int add_flash_cost(struct reporting *reporting)
{
    const struct cramfs_extents *extents = &reporting->survey->extents;
    struct cramfs_deflater *deflater =
        cramfs_deflater_create(CRAMFS_COMPRESSOR_DEFAULT, CRAMFS_DEFAULT_LEVEL);
    if (!deflater)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < extents->list_count; i++) {
        const struct cramfs_extent *extent = &extents->list[i];
        if (extent->kind != CRAMFS_EXTENT_IN_PLACE)
            continue;
        const unsigned char *bytes =
            cramfs_image_bytes(reporting->image, extent->offset, extent->length);
        if (!bytes)
            continue;
        reporting->out->flash_cost_bytes +=
            (int64_t)reporting->image->page_size -
            (int64_t)otherwise(deflater, bytes, extent->length, reporting->page);
    }
    cramfs_deflater_free(deflater);
    return 0;
}

int cramfs_xip_report(const struct cramfs_image *image, const struct cramfs_survey *survey,
                      uint64_t address, enum cramfs_kernel kernel, struct cramfs_xip_report *report)
{
    *report = (struct cramfs_xip_report){.address = address, .kernel = kernel};
    uint32_t most_pages = cramfs_block_count(CRAMFS_MAX_FILE_SIZE, image->page_size);
    struct reporting reporting = {
        .image = image,
        .survey = survey,
        .out = report,
        .inflater = cramfs_inflater_create(),
        .page = malloc(cramfs_deflate_bound(image->page_size)),
        .file_of = calloc(survey->entries.list_count, sizeof(uint32_t)),
        .direct = calloc(most_pages, sizeof(bool)),
    };
    reporting.placement.extended = image->super.flags & CRAMFS_FLAG_EXT_BLOCK_POINTERS;
    reporting.placement.address = address;
    reporting.placement.kernel = kernel;
    int error = -CRAMFS_ERR_MEMORY;
    if (reporting.inflater && reporting.page && reporting.file_of && reporting.direct)
        error = add_files(&reporting);
    if (!error)
        error = add_flash_cost(&reporting);
    report->ram_saved_bytes = report->direct_pages * image->page_size;
    cramfs_inflater_free(reporting.inflater);
    free(reporting.page);
    free(reporting.file_of);
    free(reporting.direct);
    return error;
}

void cramfs_xip_report_free(struct cramfs_xip_report *report)
{
    free(report->files);
    free(report->mappings);
    *report = (struct cramfs_xip_report){0};
}
