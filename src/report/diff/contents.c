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

/* The files of one image. */
struct diff_files {
    uint32_t *numbers; /* by inode */
    uint32_t *first;   /* by inode: which of `pages` is its first, if workers look at its pages */
    uint32_t *pages;   /* the pages of all files, by which page_number_at() finds their numbers */
    size_t pages_count;
    size_t pages_capacity;
};

struct diff_contents {
    struct look_images images;
    struct page_numbers *pages;
    struct diff_files sides[2];
    struct file_place *files; /* the first of each number */
    size_t files_count;
    size_t files_capacity;
    struct hash_index by_pages;
};

static uint32_t *unknown_numbers(uint32_t count)
{
    uint32_t *numbers = malloc(count * sizeof(*numbers));
    for (uint32_t i = 0; numbers && i < count; i++)
        numbers[i] = UNKNOWN;
    return numbers;
}

struct diff_contents *contents_create(const struct cramfs_view *const views[2], unsigned jobs)
{
    struct diff_contents *contents = calloc(1, sizeof(*contents));
    if (!contents)
        return NULL;
    uint32_t page_sizes[2] = {views[0]->image->page_size, views[1]->image->page_size};
    contents->images.unit = page_sizes[0] < page_sizes[1] ? page_sizes[0] : page_sizes[1];
    contents->pages = page_numbers_create(&contents->images, jobs);
    bool enough = contents->pages;
    for (int side = 0; side < 2; side++) {
        contents->images.views[side] = views[side];
        struct diff_files *files = &contents->sides[side];
        files->numbers = unknown_numbers(views[side]->survey->entries.list_count);
        files->first = unknown_numbers(views[side]->survey->entries.list_count);
        enough = enough && files->numbers && files->first;
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
    for (int side = 0; side < 2; side++) {
        free(contents->sides[side].numbers);
        free(contents->sides[side].first);
        free(contents->sides[side].pages);
    }
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

static int unit_number(struct diff_contents *contents, const struct file_place *file,
                       const struct cramfs_table *table, uint32_t index, uint32_t *number)
{
    const struct diff_files *files = &contents->sides[file->side];
    struct cramfs_block block;
    uint32_t chunk;
    if (files->first[file->entry] != UNKNOWN) {
        *number = page_number_at(contents->pages, files->pages[files->first[file->entry] + index]);
        return 0;
    }
    locate_unit(contents, table, index, &block, &chunk);
    return contents_page(contents, file->side, &block, chunk, number);
}

static int hash_pages(struct diff_contents *contents, const struct file_place *file, uint64_t *hash)
{
    struct cramfs_table table = table_of(contents, file->side, file->entry);
    uint32_t units = cramfs_block_count(table.size, contents->images.unit);
    *hash = hash_mix(0, table.size);
    for (uint32_t i = 0; i < units; i++) {
        uint32_t number;
        int error = unit_number(contents, file, &table, i, &number);
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
        int error = unit_number(contents, a, &first, i, &numbers[0]);
        if (!error)
            error = unit_number(contents, b, &second, i, &numbers[1]);
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
    int error = hash_pages(contents, file, &hash);
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
    uint32_t *known = &contents->sides[side].numbers[inode];
    if (*known == UNKNOWN) {
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
    uint32_t units; /* 0: there is no such file */
    bool first;     /* no worker looks at its pages yet: an inode may have many names */
};

/* Returns 0 or -CRAMFS_ERR_MEMORY. */
static int expect_file(struct diff_contents *contents, int side, uint32_t entry,
                       struct expected_file *file)
{
    const struct cramfs_survey *survey = contents->images.views[side]->survey;
    struct diff_files *files = &contents->sides[side];
    uint32_t inode = entry == CRAMFS_NO_ENTRY ? CRAMFS_NO_ENTRY : survey->inode[entry];
    *file = (struct expected_file){.units = 0};
    if (inode == CRAMFS_NO_ENTRY)
        return 0;
    file->table = table_of(contents, side, inode);
    file->units = cramfs_block_count(file->table.size, contents->images.unit);
    file->first = files->first[inode] == UNKNOWN;
    if (!file->first)
        return 0;
    files->first[inode] = (uint32_t)files->pages_count;
    return array_reserve(&files->pages, sizeof(*files->pages), files->pages_count,
                         &files->pages_capacity, file->units)
               ? 0
               : -CRAMFS_ERR_MEMORY;
}

/* Workers look at one page of each file. */
static int expect_pages(struct diff_contents *contents, const struct expected_file files[2],
                        uint32_t index)
{
    struct cramfs_block blocks[2];
    const struct cramfs_block *there[2] = {NULL, NULL};
    uint32_t chunks[2] = {0, 0};
    uint32_t found[2];
    for (int side = 0; side < 2; side++) {
        if (index >= files[side].units)
            continue;
        locate_unit(contents, &files[side].table, index, &blocks[side], &chunks[side]);
        there[side] = &blocks[side];
    }
    int error = page_numbers_look(contents->pages, there, chunks, found);
    for (int side = 0; !error && side < 2; side++) {
        struct diff_files *all = &contents->sides[side];
        if (there[side] && files[side].first)
            all->pages[all->pages_count++] = found[side];
    }
    return error;
}

int contents_expect(struct diff_contents *contents, const uint32_t entries[2])
{
    struct expected_file files[2];
    uint32_t units = 0;
    int error = 0;
    for (int side = 0; !error && side < 2; side++) {
        error = expect_file(contents, side, entries[side], &files[side]);
        if (files[side].first && files[side].units > units)
            units = files[side].units;
    }
    for (uint32_t i = 0; !error && i < units; i++)
        error = expect_pages(contents, files, i);
    return error;
}

int contents_wait(struct diff_contents *contents)
{
    return page_numbers_wait(contents->pages);
}
