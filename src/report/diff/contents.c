#include "report/diff/contents.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"
#include "report/diff/page_numbers.h"

/* The numbers that are not found by comparing. */
enum { EMPTY_FILE, LOST_FILE, FIRST_FILE };
/* A file has no number yet, and workers look at its pages, or not. */
#define UNKNOWN  UINT32_MAX
#define EXPECTED (UINT32_MAX - 1)

struct file_place {
    uint32_t entry;
    uint32_t number;
    int side;
};

struct diff_contents {
    struct look_images images;
    struct page_numbers *pages;
    struct file_place *files; /* the first of each number */
    size_t files_count;
    size_t files_capacity;
    struct hash_index by_pages;
    uint32_t *file_numbers[2]; /* by inode */
};

static uint32_t *unknown_numbers(uint32_t count)
{
    uint32_t *numbers = malloc(count * sizeof(*numbers));
    for (uint32_t i = 0; numbers && i < count; i++)
        numbers[i] = UNKNOWN;
    return numbers;
}

struct diff_contents *contents_create(const struct cramfs_view *const views[2])
{
    struct diff_contents *contents = calloc(1, sizeof(*contents));
    if (!contents)
        return NULL;
    uint32_t page_sizes[2] = {views[0]->image->page_size, views[1]->image->page_size};
    contents->images.unit = page_sizes[0] < page_sizes[1] ? page_sizes[0] : page_sizes[1];
    contents->pages = page_numbers_create(&contents->images);
    bool enough = contents->pages;
    for (int side = 0; side < 2; side++) {
        contents->images.views[side] = views[side];
        contents->file_numbers[side] = unknown_numbers(views[side]->survey->entries.list_count);
        enough = enough && contents->file_numbers[side];
    }
    if (enough)
        return contents;
    contents_free(contents);
    return NULL;
}

void contents_free(struct diff_contents *contents)
{
    if (!contents)
        return;
    page_numbers_free(contents->pages);
    free(contents->files);
    hash_index_free(&contents->by_pages);
    free(contents->file_numbers[0]);
    free(contents->file_numbers[1]);
    free(contents);
}

int contents_page(struct diff_contents *contents, int side, const struct cramfs_block *block,
                  uint32_t chunk, uint32_t *number)
{
    return page_number(contents->pages, side, block, chunk, number);
}

static struct cramfs_table table_of(const struct diff_contents *contents, int side, uint32_t entry)
{
    const struct cramfs_view *view = contents->images.views[side];
    return cramfs_image_table(view->image, &view->survey->entries.list[entry].inode);
}

/* Where the bytes from `index` units on are. */
static void locate_unit(const struct diff_contents *contents, const struct cramfs_table *table,
                        uint32_t index, struct cramfs_block *block, uint32_t *chunk)
{
    uint32_t chunks = table->page_size / contents->images.unit;
    cramfs_block_locate(table, index / chunks, block);
    *chunk = index % chunks;
}

static int unit_number(struct diff_contents *contents, int side, const struct cramfs_table *table,
                       uint32_t index, uint32_t *number)
{
    struct cramfs_block block;
    uint32_t chunk;
    locate_unit(contents, table, index, &block, &chunk);
    return contents_page(contents, side, &block, chunk, number);
}

static int hash_pages(struct diff_contents *contents, int side, uint32_t entry, uint64_t *hash)
{
    struct cramfs_table table = table_of(contents, side, entry);
    uint32_t units = cramfs_block_count(table.size, contents->images.unit);
    *hash = hash_mix(0, table.size);
    for (uint32_t i = 0; i < units; i++) {
        uint32_t number;
        int error = unit_number(contents, side, &table, i, &number);
        if (error)
            return error;
        *hash = hash_mix(*hash, number);
    }
    return 0;
}

static int compare_pages(struct diff_contents *contents, const struct file_place *a,
                         const struct file_place *b, bool *equal)
{
    struct cramfs_table first = table_of(contents, a->side, a->entry);
    struct cramfs_table second = table_of(contents, b->side, b->entry);
    uint32_t units = cramfs_block_count(first.size, contents->images.unit);
    *equal = first.size == second.size;
    for (uint32_t i = 0; *equal && i < units; i++) {
        uint32_t numbers[2];
        int error = unit_number(contents, a->side, &first, i, &numbers[0]);
        if (!error)
            error = unit_number(contents, b->side, &second, i, &numbers[1]);
        if (error)
            return error;
        *equal = numbers[0] == numbers[1];
    }
    return 0;
}

struct wanted_pages {
    struct diff_contents *contents;
    const struct file_place *file;
    int error; /* as in struct wanted_bytes */
};

static bool has_pages(void *context, uint32_t number)
{
    struct wanted_pages *wanted = context;
    bool equal = false;
    wanted->error =
        compare_pages(wanted->contents, &wanted->contents->files[number], wanted->file, &equal);
    return wanted->error || equal;
}

static int number_file(struct diff_contents *contents, struct file_place *file)
{
    uint64_t hash;
    int error = hash_pages(contents, file->side, file->entry, &hash);
    struct wanted_pages wanted = {contents, file, error};
    uint32_t other;
    if (error)
        return error;
    if (hash_index_find(&contents->by_pages, hash, has_pages, &wanted, &other)) {
        file->number = contents->files[other].number;
        return wanted.error;
    }
    if (!ARRAY_GROW(contents, files))
        return -CRAMFS_ERR_MEMORY;
    file->number = FIRST_FILE + (uint32_t)contents->files_count;
    contents->files[contents->files_count] = *file;
    return hash_index_add(&contents->by_pages, hash, (uint32_t)contents->files_count++);
}

int contents_file(struct diff_contents *contents, int side, uint32_t entry, uint32_t *number)
{
    const struct cramfs_survey *survey = contents->images.views[side]->survey;
    uint32_t inode = survey->inode[entry];
    if (inode == CRAMFS_NO_ENTRY) {
        *number = survey->entries.list[entry].inode.size ? LOST_FILE : EMPTY_FILE;
        return 0;
    }
    uint32_t *known = &contents->file_numbers[side][inode];
    if (*known == UNKNOWN || *known == EXPECTED) {
        struct file_place file = {.entry = inode, .side = side};
        int error = number_file(contents, &file);
        if (error)
            return error;
        *known = file.number;
    }
    *number = *known;
    return 0;
}

/* A file or link whose pages workers look at, beside the one that probably has the same. */
struct expected_file {
    struct cramfs_table table;
    uint32_t units;
};

/*
 * Sets *units to 0 if there is no such file. Returns whether no worker looks at its pages yet: an
 * inode may have many names.
 */
static bool expect_file(struct diff_contents *contents, int side, uint32_t entry,
                        struct expected_file *file)
{
    const struct cramfs_survey *survey = contents->images.views[side]->survey;
    uint32_t inode = entry == CRAMFS_NO_ENTRY ? CRAMFS_NO_ENTRY : survey->inode[entry];
    file->units = 0;
    if (inode == CRAMFS_NO_ENTRY)
        return false;
    file->table = table_of(contents, side, inode);
    file->units = cramfs_block_count(file->table.size, contents->images.unit);
    bool first = contents->file_numbers[side][inode] == UNKNOWN;
    contents->file_numbers[side][inode] = EXPECTED;
    return first;
}

int contents_expect(struct diff_contents *contents, const uint32_t entries[2])
{
    struct expected_file files[2];
    uint32_t units = 0;
    for (int side = 0; side < 2; side++) {
        bool first = expect_file(contents, side, entries[side], &files[side]);
        if (first && files[side].units > units)
            units = files[side].units;
    }
    for (uint32_t i = 0; i < units; i++) {
        struct cramfs_block blocks[2];
        const struct cramfs_block *there[2] = {NULL, NULL};
        uint32_t chunks[2] = {0, 0};
        for (int side = 0; side < 2; side++) {
            if (i >= files[side].units)
                continue;
            locate_unit(contents, &files[side].table, i, &blocks[side], &chunks[side]);
            there[side] = &blocks[side];
        }
        int error = page_numbers_look(contents->pages, there, chunks);
        if (error)
            return error;
    }
    return 0;
}

int contents_wait(struct diff_contents *contents)
{
    return page_numbers_wait(contents->pages);
}
