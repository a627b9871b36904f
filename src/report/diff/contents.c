#include "report/diff/contents.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/zero.h"
#include "report/block_reader.h"

/* The numbers that are not found by comparing. */
enum { ZEROES, UNREADABLE, FIRST_PAGE };
enum { EMPTY_FILE, LOST_FILE, FIRST_FILE };
#define UNKNOWN UINT32_MAX

/* The most for bytes of recent places: the largest file, since files are compared in pairs. */
enum { RECENT_BYTES = 16 << 20 };

/* Some bytes of an image, and how to read them. */
struct page_place {
    uint64_t offset;
    uint32_t length;
    uint32_t file_bytes;
    uint32_t number;
    uint8_t side;
    uint8_t kind;
    uint8_t chunk;
};

struct file_place {
    uint32_t entry;
    uint32_t number;
    int side;
};

struct diff_contents {
    const struct cramfs_view *views[2];
    uint32_t unit; /* the smaller page: what is compared */
    struct block_reader *page;
    struct block_reader *other;
    /* The bytes of the last places that were numbered: of place i in slot i % recent_count. */
    unsigned char *recent;
    uint32_t *recent_places;
    uint32_t recent_count;
    struct page_place *places;
    size_t places_count;
    size_t places_capacity;
    struct hash_index by_place;   /* places, by where they are */
    struct hash_index by_encoded; /* deflated places, by their bytes in the image */
    struct hash_index by_bytes;   /* the first place of each number, by what it holds */
    uint32_t pages_count;
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

static bool create_recent(struct diff_contents *contents)
{
    contents->recent_count = RECENT_BYTES / contents->unit;
    contents->recent = malloc(RECENT_BYTES);
    contents->recent_places = unknown_numbers(contents->recent_count);
    return contents->recent && contents->recent_places;
}

struct diff_contents *contents_create(const struct cramfs_view *const views[2])
{
    struct diff_contents *contents = calloc(1, sizeof(*contents));
    if (!contents)
        return NULL;
    contents->pages_count = FIRST_PAGE;
    contents->page = block_reader_create();
    contents->other = block_reader_create();
    bool enough = contents->page && contents->other;
    uint32_t page_sizes[2] = {views[0]->image->page_size, views[1]->image->page_size};
    contents->unit = page_sizes[0] < page_sizes[1] ? page_sizes[0] : page_sizes[1];
    enough = enough && create_recent(contents);
    for (int side = 0; side < 2; side++) {
        contents->views[side] = views[side];
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
    block_reader_free(contents->page);
    block_reader_free(contents->other);
    free(contents->recent);
    free(contents->recent_places);
    free(contents->places);
    hash_index_free(&contents->by_place);
    hash_index_free(&contents->by_encoded);
    hash_index_free(&contents->by_bytes);
    free(contents->files);
    hash_index_free(&contents->by_pages);
    free(contents->file_numbers[0]);
    free(contents->file_numbers[1]);
    free(contents);
}

/* Reads to `page`, which has room for a page; *bytes is the place's chunk there. */
static int read_place(const struct diff_contents *contents, const struct page_place *place,
                      unsigned char *page, const unsigned char **bytes)
{
    struct cramfs_block block = {
        .kind = place->kind,
        .offset = place->offset,
        .length = place->length,
        .file_bytes = place->file_bytes,
    };
    *bytes = page + (size_t)place->chunk * contents->unit;
    return cramfs_image_read_block(contents->views[place->side]->image, &block,
                                   contents->page->inflater, page, NULL);
}

static uint32_t chunk_bytes(const struct diff_contents *contents, const struct page_place *place)
{
    uint32_t rest = place->file_bytes - place->chunk * contents->unit;
    return rest < contents->unit ? rest : contents->unit;
}

struct wanted_bytes {
    struct diff_contents *contents;
    const unsigned char *bytes;
    uint32_t length;
    int error; /* an error of reading ends the search */
};

static bool has_bytes(void *context, uint32_t number)
{
    struct wanted_bytes *wanted = context;
    struct diff_contents *contents = wanted->contents;
    const struct page_place *twin = &contents->places[number];
    uint32_t slot = number % contents->recent_count;
    const unsigned char *others = contents->recent + (size_t)slot * contents->unit;
    if (chunk_bytes(contents, twin) != wanted->length)
        return false;
    if (contents->recent_places[slot] != number)
        wanted->error = read_place(contents, twin, contents->other->page, &others);
    return wanted->error || memcmp(wanted->bytes, others, wanted->length) == 0;
}

/* Gives the place the number of an earlier one that holds the same bytes, if there is one. */
static int find_equal(struct diff_contents *contents, const unsigned char *bytes, uint64_t hash,
                      struct page_place *place)
{
    struct wanted_bytes wanted = {
        .contents = contents, .bytes = bytes, .length = chunk_bytes(contents, place)};
    uint32_t other;
    bool found = hash_index_find(&contents->by_bytes, hash, has_bytes, &wanted, &other);
    if (found && !wanted.error)
        place->number = contents->places[other].number;
    return wanted.error;
}

/*
 * Room for the page of the next place. Its bytes are kept for a while: a place with equal bytes
 * often comes soon. Where a page is more than a chunk, it is not kept.
 */
static unsigned char *room_for_next(const struct diff_contents *contents, int side, uint32_t slot)
{
    contents->recent_places[slot] = UNKNOWN;
    return contents->views[side]->image->page_size == contents->unit
               ? contents->recent + (size_t)slot * contents->unit
               : contents->page->page;
}

/* Reads a place for the first time and gives it a number. It is the next in the list. */
static int number_place(struct diff_contents *contents, struct page_place *place)
{
    const unsigned char *bytes;
    uint32_t next = (uint32_t)contents->places_count;
    uint32_t slot = next % contents->recent_count;
    unsigned char *room = room_for_next(contents, place->side, slot);
    int error = read_place(contents, place, room, &bytes);
    if (error == -CRAMFS_ERR_FORMAT)
        place->number = UNREADABLE;
    if (error)
        return error == -CRAMFS_ERR_FORMAT ? 0 : error;
    uint32_t length = chunk_bytes(contents, place);
    if (all_zero(bytes, length)) {
        place->number = ZEROES;
        return 0;
    }
    uint64_t hash = hash_bytes(bytes, length, 0);
    place->number = UNKNOWN;
    error = find_equal(contents, bytes, hash, place);
    if (error || place->number != UNKNOWN)
        return error;
    place->number = contents->pages_count++;
    if (room != contents->page->page)
        contents->recent_places[slot] = next;
    return hash_index_add(&contents->by_bytes, hash, next);
}

static const unsigned char *encoded_bytes(const struct diff_contents *contents,
                                          const struct page_place *place)
{
    return cramfs_image_bytes(contents->views[place->side]->image, place->offset, place->length);
}

static uint32_t page_size_of(const struct diff_contents *contents, const struct page_place *place)
{
    return contents->views[place->side]->image->page_size;
}

struct wanted_encoded {
    const struct diff_contents *contents;
    const struct page_place *place;
    const unsigned char *bytes; /* that it has in the image */
};

static bool is_encoded_so(void *context, uint32_t number)
{
    const struct wanted_encoded *wanted = context;
    const struct page_place *place = wanted->place;
    const struct page_place *other = &wanted->contents->places[number];
    return other->length == place->length && other->file_bytes == place->file_bytes &&
           other->chunk == place->chunk &&
           page_size_of(wanted->contents, other) == page_size_of(wanted->contents, place) &&
           memcmp(encoded_bytes(wanted->contents, other), wanted->bytes, place->length) == 0;
}

/*
 * Numbers a deflated place. Most blocks of two successive images have the same bytes. They are not
 * inflated again.
 */
static int number_deflated(struct diff_contents *contents, struct page_place *place)
{
    struct wanted_encoded wanted = {contents, place, encoded_bytes(contents, place)};
    if (!wanted.bytes)
        return number_place(contents, place);
    uint64_t hash = hash_bytes(wanted.bytes, place->length, place->file_bytes);
    uint32_t other;
    if (hash_index_find(&contents->by_encoded, hash, is_encoded_so, &wanted, &other)) {
        place->number = contents->places[other].number;
        return 0;
    }
    int error = number_place(contents, place);
    return error ? error
                 : hash_index_add(&contents->by_encoded, hash, (uint32_t)contents->places_count);
}

static bool same_place(const struct page_place *a, const struct page_place *b)
{
    return a->offset == b->offset && a->length == b->length && a->file_bytes == b->file_bytes &&
           a->side == b->side && a->kind == b->kind && a->chunk == b->chunk;
}

struct wanted_place {
    const struct diff_contents *contents;
    const struct page_place *place;
};

static bool is_place(void *context, uint32_t number)
{
    const struct wanted_place *wanted = context;
    return same_place(&wanted->contents->places[number], wanted->place);
}

int contents_page(struct diff_contents *contents, int side, const struct cramfs_block *block,
                  uint32_t chunk, uint32_t *number)
{
    *number = block->fault ? UNREADABLE : ZEROES;
    if (block->fault || block->kind == CRAMFS_BLOCK_HOLE)
        return 0;
    struct page_place place = {
        .offset = block->offset,
        .length = (uint32_t)block->length,
        .file_bytes = block->file_bytes,
        .side = (uint8_t)side,
        .kind = (uint8_t)block->kind,
        .chunk = (uint8_t)chunk,
    };
    uint64_t hash = hash_mix(hash_mix((uint64_t)side << 8 | chunk, place.offset),
                             (uint64_t)place.length << 32 | place.file_bytes);
    uint32_t known;
    struct wanted_place wanted = {contents, &place};
    if (hash_index_find(&contents->by_place, hash, is_place, &wanted, &known)) {
        *number = contents->places[known].number;
        return 0;
    }
    int error = block->kind == CRAMFS_BLOCK_DEFLATED ? number_deflated(contents, &place)
                                                     : number_place(contents, &place);
    if (error)
        return error;
    *number = place.number;
    if (!ARRAY_GROW(contents, places))
        return -CRAMFS_ERR_MEMORY;
    contents->places[contents->places_count] = place;
    return hash_index_add(&contents->by_place, hash, (uint32_t)contents->places_count++);
}

static struct cramfs_table table_of(const struct diff_contents *contents, int side, uint32_t entry)
{
    const struct cramfs_view *view = contents->views[side];
    return cramfs_image_table(view->image, &view->survey->entries.list[entry].inode);
}

/* The number of the bytes from `index` units on. */
static int unit_number(struct diff_contents *contents, int side, const struct cramfs_table *table,
                       uint32_t index, uint32_t *number)
{
    uint32_t chunks = table->page_size / contents->unit;
    struct cramfs_block block;
    cramfs_block_locate(table, index / chunks, &block);
    return contents_page(contents, side, &block, index % chunks, number);
}

static int hash_pages(struct diff_contents *contents, int side, uint32_t entry, uint64_t *hash)
{
    struct cramfs_table table = table_of(contents, side, entry);
    uint32_t units = cramfs_block_count(table.size, contents->unit);
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
    uint32_t units = cramfs_block_count(first.size, contents->unit);
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
    const struct cramfs_survey *survey = contents->views[side]->survey;
    uint32_t inode = survey->inode[entry];
    if (inode == CRAMFS_NO_ENTRY) {
        *number = survey->entries.list[entry].inode.size ? LOST_FILE : EMPTY_FILE;
        return 0;
    }
    uint32_t *known = &contents->file_numbers[side][inode];
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
