/*
 * Guesses the page size of an image; the image does not store it.
 *
 * With a wrong page size, a pointer table seems to have more or fewer pointers than it has. Then it
 * overlaps the bytes after it, or its first block is looked for in the wrong place; and a block
 * does not inflate to the length of a page. So some files are tried with each page size. The one
 * that the fewest files contradict is taken, and the smallest of equally good ones: damage may
 * contradict the right one, too. A file that fits into one page of the smallest size shows nothing.
 *
 * Damage must not make a wrong size look right: a size larger than the smallest is taken only when
 * a file also supports it, by where its table ends or how long its blocks are.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/lower_bound.h"
#include "cramfs/walk.h"
#include "read/open/open.h"

enum {
    SAMPLES = 64,   /* files looked at, spread over the image */
    EACH_END = 32,  /* blocks looked at from each end of a file */
    PAGE_SIZES = 5, /* 4 to 64 KiB */
};

struct guessing {
    const struct cramfs_image *image;
    struct cramfs_entries entries;
    uint32_t *places; /* offsets of all directories and tables, sorted */
    size_t places_count;
    const struct cramfs_inode *samples[SAMPLES];
    size_t samples_count;
    struct cramfs_inflater *inflater;
    unsigned char *page;
};

static bool has_table(const struct cramfs_inode *inode)
{
    return (S_ISREG(inode->mode) || S_ISLNK(inode->mode)) && inode->size && inode->offset;
}

static bool shows_page_size(const struct cramfs_inode *inode)
{
    return has_table(inode) && inode->size > CRAMFS_MIN_PAGE_SIZE;
}

static int compare_places(const void *a, const void *b)
{
    uint32_t first = *(const uint32_t *)a;
    uint32_t second = *(const uint32_t *)b;
    return (first > second) - (first < second);
}

/* Takes every n-th file that can show something as a sample; finds where all metadata begins. */
static int take_samples(struct guessing *guessing)
{
    const struct cramfs_entries *entries = &guessing->entries;
    size_t candidates = 0;
    for (uint32_t i = 0; i < entries->list_count; i++)
        candidates += shows_page_size(&entries->list[i].inode);
    size_t step = candidates / SAMPLES + 1;
    if (!candidates)
        return 0;
    guessing->places = malloc(entries->list_count * sizeof(*guessing->places));
    if (!guessing->places)
        return -CRAMFS_ERR_MEMORY;
    candidates = 0;
    for (uint32_t i = 0; i < entries->list_count; i++) {
        const struct cramfs_inode *inode = &entries->list[i].inode;
        if (has_table(inode) || (S_ISDIR(inode->mode) && inode->size && inode->offset))
            guessing->places[guessing->places_count++] = inode->offset;
        if (shows_page_size(inode) && candidates++ % step == 0)
            guessing->samples[guessing->samples_count++] = inode;
    }
    qsort(guessing->places, guessing->places_count, sizeof(*guessing->places), compare_places);
    return 0;
}

static bool is_not_after(const void *place, const void *begin)
{
    return *(const uint32_t *)place <= *(const uint64_t *)begin;
}

/* Whether another table or directory begins after `begin` and before `end`. */
static bool something_begins_within(const struct guessing *guessing, uint64_t begin, uint64_t end)
{
    size_t next = lower_bound(&begin, guessing->places, guessing->places_count,
                              sizeof(*guessing->places), is_not_after);
    return next < guessing->places_count && guessing->places[next] < end;
}

static bool contradicts_first(const struct guessing *guessing, const struct cramfs_block *block)
{
    struct cramfs_block_detail detail;
    if (block->kind != CRAMFS_BLOCK_DEFLATED)
        return false;
    return cramfs_image_read_block(guessing->image, block, guessing->inflater, guessing->page,
                                   &detail) != 0 ||
           detail.written != block->file_bytes;
}

/* Whether a file contradicts the page size that is being tried. */
static bool contradicts(const struct guessing *guessing, const struct cramfs_inode *inode)
{
    struct cramfs_table table = cramfs_image_table(guessing->image, inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    uint64_t end = table.offset + (uint64_t)blocks * CRAMFS_POINTER_SIZE;
    struct cramfs_block before = {0};
    if (something_begins_within(guessing, table.offset, end))
        return true;
    for (uint32_t i = 0; i < blocks; i++) {
        if (i == EACH_END && blocks > 2 * EACH_END)
            i = blocks - EACH_END;
        struct cramfs_block block;
        cramfs_block_locate(&table, i, &block);
        uint64_t reach = block.offset + block.length;
        bool in_table = block.length && block.offset < end && reach > table.offset;
        bool in_last = i && before.length && block.length && block.offset > before.offset &&
                       block.offset < before.offset + before.length;
        if (block.fault || in_table || in_last || (i == 0 && contradicts_first(guessing, &block)))
            return true;
        before = block;
    }
    return false;
}

/* Whether a block has exactly as many bytes as the file has in it. */
static bool is_of_that_length(const struct guessing *guessing, const struct cramfs_block *block)
{
    struct cramfs_block_detail detail;
    if (block->kind == CRAMFS_BLOCK_DEFLATED)
        return cramfs_image_read_block(guessing->image, block, guessing->inflater, guessing->page,
                                       &detail) == 0 &&
               detail.written == block->file_bytes;
    /* A direct block shows nothing: it has no length, or that of the page. */
    return block->kind == CRAMFS_BLOCK_STORED && !block->direct &&
           block->length == block->file_bytes;
}

/* Whether zeroes are where the table would go on with pages of the smallest size. */
static bool ends_before_zeroes(const struct cramfs_table *table)
{
    struct cramfs_table least = *table;
    least.page_size = CRAMFS_MIN_PAGE_SIZE;
    uint32_t end = cramfs_block_count(table->size, CRAMFS_MIN_PAGE_SIZE);
    uint32_t next = cramfs_block_count(table->size, table->page_size);
    uint32_t most = next + EACH_END, pointer = 0;
    while (!pointer && next < end && next < most && cramfs_block_pointer(&least, next, &pointer))
        next++;
    return !pointer;
}

/*
 * Whether a file that does not contradict the page size that is being tried supports it: its table
 * ends where something else begins or where zeroes are, or its first or last block has the right
 * length. The pages before the last block can all be in place, which shows nothing.
 */
static bool supports(const struct guessing *guessing, const struct cramfs_inode *inode)
{
    struct cramfs_table table = cramfs_image_table(guessing->image, inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    uint64_t end = table.offset + (uint64_t)blocks * CRAMFS_POINTER_SIZE;
    struct cramfs_block first;
    struct cramfs_block last;
    cramfs_block_locate(&table, 0, &first);
    cramfs_block_locate(&table, blocks - 1, &last);
    return something_begins_within(guessing, end - 1, end + 1) ||
           is_of_that_length(guessing, &first) || is_of_that_length(guessing, &last) ||
           ends_before_zeroes(&table);
}

static uint32_t best_page_size(const struct guessing *guessing, struct cramfs_image *image)
{
    uint32_t best = CRAMFS_MIN_PAGE_SIZE;
    size_t least = SAMPLES + 1;
    for (unsigned i = 0; i < PAGE_SIZES && least; i++) {
        image->page_size = CRAMFS_MIN_PAGE_SIZE << i;
        size_t against = 0;
        bool supported = i == 0;
        for (size_t sample = 0; sample < guessing->samples_count; sample++) {
            const struct cramfs_inode *inode = guessing->samples[sample];
            bool contradicted = contradicts(guessing, inode);
            against += contradicted;
            supported = supported || (!contradicted && supports(guessing, inode));
        }
        if (against < least && supported) {
            least = against;
            best = image->page_size;
        }
    }
    return best;
}

int guess_page_size(struct cramfs_image *image)
{
    struct guessing guessing = {.image = image};
    image->page_size = CRAMFS_MIN_PAGE_SIZE;
    int error = cramfs_walk(image, &guessing.entries, NULL, NULL);
    if (!error)
        error = take_samples(&guessing);
    if (!error && guessing.samples_count) {
        guessing.inflater = cramfs_inflater_create();
        guessing.page = malloc(CRAMFS_MAX_PAGE_SIZE);
        if (guessing.inflater && guessing.page)
            image->page_size = best_page_size(&guessing, image);
        else
            error = -CRAMFS_ERR_MEMORY;
        cramfs_inflater_free(guessing.inflater);
        free(guessing.page);
    }
    free(guessing.places);
    cramfs_entries_free(&guessing.entries);
    return error;
}
