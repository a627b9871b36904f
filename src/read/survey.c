#include "cramfs/survey.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "read/intervals.h"
#include "read/report_finding.h"

struct surveying {
    const struct cramfs_image *image;
    const struct cramfs_listener *listener;
    struct cramfs_survey *out;
    struct intervals taken;     /* bytes of superblock, directories and tables */
    struct hash_index by_table; /* entries by the offset of their table */
    uint32_t *blocks;           /* by the first entry with a table: how many are surveyed */
    bool reported_holes;        /* a finding about the whole image, reported once */
};

static void report_walk_fault(void *context, const struct cramfs_entries *entries, uint32_t entry,
                              enum cramfs_walk_fault fault, uint64_t offset)
{
    static const struct {
        enum cramfs_rule rule;
        const char *text;
    } findings[] = {
        [CRAMFS_WALK_ENTRY_CUT] = {CRAMFS_RULE_ENTRY_CUT,
                                   "the entry ends after the end of its directory"},
        [CRAMFS_WALK_NAME_CUT] = {CRAMFS_RULE_NAME_CUT,
                                  "the entry's name ends after the end of its directory"},
        [CRAMFS_WALK_OUTSIDE] = {CRAMFS_RULE_DIRECTORY_OUTSIDE,
                                 "the directory ends after the end of the image"},
        [CRAMFS_WALK_CYCLE] = {CRAMFS_RULE_DIRECTORY_CYCLE,
                               "the directory is one of its own parents"},
        [CRAMFS_WALK_REACHED_TWICE] = {CRAMFS_RULE_DIRECTORY_TWICE,
                                       "another entry leads to the same directory"},
        [CRAMFS_WALK_OVERLAP] = {CRAMFS_RULE_DIRECTORY_OVERLAP,
                                 "the directory's entries overlap those of another directory"},
    };
    (void)entries;
    const struct surveying *surveying = context;
    report_finding(surveying->listener, findings[fault].rule, in_entry(entry, offset), "%s",
                   findings[fault].text);
}

static int add_metadata(struct surveying *surveying, enum cramfs_extent_kind kind, uint64_t offset,
                        uint64_t length, uint32_t entry)
{
    uint32_t other;
    int state = intervals_add(&surveying->taken, offset, offset + length, entry, &other);
    if (state < 0 || state != INTERVAL_FREE)
        return state;
    struct cramfs_extent extent = {
        .offset = offset, .length = length, .kind = kind, .owner = entry};
    return cramfs_extents_add(&surveying->out->extents, &extent);
}

static int survey_super(struct surveying *surveying)
{
    uint32_t at = surveying->image->super_offset;
    int error = 0;
    if (at)
        error = add_metadata(surveying, CRAMFS_EXTENT_BOOT, 0, at, 0);
    return error ? error : add_metadata(surveying, CRAMFS_EXTENT_SUPER, at, CRAMFS_SUPER_SIZE, 0);
}

static int survey_directories(struct surveying *surveying)
{
    const struct cramfs_entries *entries = &surveying->out->entries;
    for (uint32_t i = 0; i < entries->list_count; i++) {
        const struct cramfs_entry *entry = &entries->list[i];
        const struct cramfs_inode *inode = &entry->inode;
        if (!S_ISDIR(inode->mode) || !entry->walked || !inode->size || !inode->offset)
            continue;
        int state = add_metadata(surveying, CRAMFS_EXTENT_DIRECTORY, inode->offset, inode->size, i);
        if (state < 0)
            return state;
        if (state != INTERVAL_FREE)
            report_finding(surveying->listener, CRAMFS_RULE_DIRECTORY_OVERLAP,
                           in_entry(i, inode->offset),
                           "the directory's entries overlap the superblock");
    }
    return 0;
}

static void report_block_fault(const struct surveying *surveying, uint32_t entry, uint32_t index,
                               const struct cramfs_block *block)
{
    struct finding_place place = in_block(entry, index, block->offset);
    switch (block->fault) {
    case CRAMFS_BLOCK_SOUND:
    case CRAMFS_BLOCK_TABLE_OUTSIDE: /* the table as a whole has been checked */
        break;
    case CRAMFS_BLOCK_PREFIX_OUTSIDE:
        report_finding(surveying->listener, CRAMFS_RULE_PREFIX_OUTSIDE, place,
                       "pointer 0x%08" PRIx32 " leads past the end of the image", block->pointer);
        break;
    case CRAMFS_BLOCK_BACKWARDS:
        report_finding(surveying->listener, CRAMFS_RULE_POINTER_BACKWARDS, place,
                       "pointer 0x%08" PRIx32 " ends before the block begins", block->pointer);
        break;
    case CRAMFS_BLOCK_WRAPS:
        report_finding(surveying->listener, CRAMFS_RULE_POINTER_WRAP, place,
                       "plain pointer 0x%08" PRIx32
                       " follows a direct block that ends at or after 1 GiB",
                       block->pointer);
        break;
    case CRAMFS_BLOCK_TOO_LONG:
        report_finding(surveying->listener, CRAMFS_RULE_BLOCK_LENGTH, place,
                       "the %s block has %" PRIu64 " bytes", cramfs_block_kind_name(block->kind),
                       block->length);
        break;
    case CRAMFS_BLOCK_OUTSIDE:
        report_finding(surveying->listener, CRAMFS_RULE_POINTER_OUTSIDE, place,
                       "its %" PRIu64 " bytes end after the end of the image", block->length);
        break;
    }
}

static int add_block(struct surveying *surveying, const struct cramfs_table *table,
                     const struct cramfs_block *block, struct finding_place owner)
{
    struct cramfs_extent extent;
    if (!cramfs_block_extent(table, owner.block, block, &extent))
        return 0;
    extent.owner = owner.entry;
    return cramfs_extents_add(&surveying->out->extents, &extent);
}

/* The superblock's flags should announce such blocks. */
static void check_ext_flag(struct surveying *surveying, const struct cramfs_block *block,
                           struct finding_place place)
{
    bool extended = block->pointer & ~CRAMFS_POINTER_VALUE;
    bool first = extended && !surveying->out->extended_pointers;
    surveying->out->extended_pointers |= extended;
    if (!first || surveying->image->super.flags & CRAMFS_FLAG_EXT_BLOCK_POINTERS)
        return;
    report_finding(surveying->listener, CRAMFS_RULE_EXT_FLAG, place,
                   "pointer 0x%08" PRIx32 " is direct or stored", block->pointer);
}

static void check_hole(struct surveying *surveying, const struct cramfs_block *block,
                       struct finding_place place)
{
    if (block->kind != CRAMFS_BLOCK_HOLE)
        return;
    if (block->pointer & CRAMFS_POINTER_STORED)
        report_finding(surveying->listener, CRAMFS_RULE_HOLE_STORED, place,
                       "pointer 0x%08" PRIx32 " of a hole has the bit of stored blocks",
                       block->pointer);
    if (surveying->reported_holes || surveying->image->super.flags & CRAMFS_FLAG_HOLES)
        return;
    surveying->reported_holes = true;
    report_finding(surveying->listener, CRAMFS_RULE_HOLES_FLAG, place, "the block is a hole");
}

static int survey_blocks(struct surveying *surveying, uint32_t entry,
                         const struct cramfs_table *table, uint32_t first_block)
{
    uint32_t blocks = cramfs_block_count(table->size, table->page_size);
    for (uint32_t i = first_block; i < blocks; i++) {
        struct cramfs_block block;
        cramfs_block_locate(table, i, &block);
        struct finding_place place = in_block(entry, i, block.offset);
        check_ext_flag(surveying, &block, place);
        if (block.fault)
            report_block_fault(surveying, entry, i, &block);
        else if (cramfs_block_loses_tail(table, i, &block))
            report_finding(surveying->listener, CRAMFS_RULE_TAIL_LOST, place,
                           "the last block of %" PRIu32 " bytes is direct and stored", table->size);
        else
            check_hole(surveying, &block, place);
        int error = add_block(surveying, table, &block, place);
        if (error)
            return error;
    }
    return 0;
}

static bool same_inode(const struct cramfs_inode *a, const struct cramfs_inode *b)
{
    return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid && a->size == b->size;
}

struct wanted_survey_table {
    const struct cramfs_entry *list;
    uint32_t offset;
};

static bool has_table(void *context, uint32_t number)
{
    const struct wanted_survey_table *wanted = context;
    return wanted->list[number].inode.offset == wanted->offset;
}

/* The earlier entry with the same table; CRAMFS_NO_ENTRY if there is none. */
static uint32_t find_twin(struct surveying *surveying, uint32_t number)
{
    const struct cramfs_entry *list = surveying->out->entries.list;
    uint32_t offset = list[number].inode.offset;
    struct wanted_survey_table wanted = {list, offset};
    uint32_t twin;
    if (!hash_index_find(&surveying->by_table, hash_mix(0, offset), has_table, &wanted, &twin))
        return CRAMFS_NO_ENTRY;
    if (!same_inode(&list[twin].inode, &list[number].inode)) {
        char path[CRAMFS_PATH_SIZE];
        char shown[128];
        size_t length = cramfs_entry_path(&surveying->out->entries, twin, path, sizeof(path));
        report_finding(surveying->listener, CRAMFS_RULE_SHARED_INODE, in_entry(number, offset),
                       "it has the same data offset as %s, and another type, mode, owner or size",
                       cramfs_escape(path, length, shown, sizeof(shown)));
    }
    return twin;
}

/*
 * Takes the pointers of a table, from the one of `first_block` on. Returns INTERVAL_FREE if they
 * can be followed.
 */
static int take_pointers(struct surveying *surveying, uint32_t number,
                         const struct cramfs_table *table, uint32_t first_block)
{
    uint64_t length =
        (uint64_t)cramfs_block_count(table->size, table->page_size) * CRAMFS_POINTER_SIZE;
    uint64_t before = (uint64_t)first_block * CRAMFS_POINTER_SIZE;
    struct finding_place place = in_entry(number, table->offset);
    if (!cramfs_image_bytes(surveying->image, table->offset, length)) {
        report_finding(surveying->listener, CRAMFS_RULE_TABLE_OUTSIDE, place,
                       "its pointer table of %" PRIu64 " bytes ends after the end of the image",
                       length);
        return INTERVAL_OVERLAP;
    }
    int state = add_metadata(surveying, CRAMFS_EXTENT_TABLE, table->offset + before,
                             length - before, number);
    if (state > 0 && state != INTERVAL_FREE)
        report_finding(surveying->listener, CRAMFS_RULE_TABLE_OVERLAP, place,
                       "its pointer table of %" PRIu64 " bytes overlaps other metadata", length);
    return state;
}

/*
 * Entries with one table can have different sizes, which is a hazard. The pointers that an entry
 * has in addition to those of earlier entries are surveyed for that entry.
 */
static int survey_file(struct surveying *surveying, uint32_t number)
{
    const struct cramfs_inode *inode = &surveying->out->entries.list[number].inode;
    struct cramfs_table table = cramfs_image_table(surveying->image, inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    uint32_t twin = find_twin(surveying, number);
    uint32_t first = twin == CRAMFS_NO_ENTRY ? number : twin;
    uint32_t first_block = surveying->blocks[first];
    if (first_block >= blocks) {
        surveying->out->inode[number] = first;
        return 0;
    }
    int state = take_pointers(surveying, number, &table, first_block);
    if (state < 0 || state != INTERVAL_FREE)
        return state < 0 ? state : 0;
    surveying->out->inode[number] = first;
    surveying->blocks[first] = blocks;
    int error = 0;
    if (first == number)
        error = hash_index_add(&surveying->by_table, hash_mix(0, table.offset), number);
    return error ? error : survey_blocks(surveying, number, &table, first_block);
}

static int survey_files(struct surveying *surveying)
{
    const struct cramfs_entries *entries = &surveying->out->entries;
    for (uint32_t i = 0; i < entries->list_count; i++) {
        const struct cramfs_inode *inode = &entries->list[i].inode;
        surveying->out->inode[i] = CRAMFS_NO_ENTRY;
        bool has_bytes = S_ISREG(inode->mode) || S_ISLNK(inode->mode);
        /* The kernel takes an offset of 0 as no data; check_entries() reports it. */
        if (!has_bytes || !inode->size || !inode->offset)
            continue;
        int error = survey_file(surveying, i);
        if (error)
            return error;
    }
    return 0;
}

int cramfs_survey(const struct cramfs_image *image, const struct cramfs_listener *listener,
                  struct cramfs_survey *survey)
{
    *survey = (struct cramfs_survey){0};
    struct surveying surveying = {.image = image, .listener = listener, .out = survey};
    int error = cramfs_walk(image, &survey->entries, report_walk_fault, &surveying);
    if (!error) {
        survey->inode = malloc(survey->entries.list_count * sizeof(*survey->inode));
        surveying.blocks = calloc(survey->entries.list_count, sizeof(*surveying.blocks));
        error = survey->inode && surveying.blocks ? survey_super(&surveying) : -CRAMFS_ERR_MEMORY;
    }
    if (!error)
        error = survey_directories(&surveying);
    if (!error)
        error = survey_files(&surveying);
    if (!error)
        cramfs_extents_sort(&survey->extents);
    intervals_free(&surveying.taken);
    hash_index_free(&surveying.by_table);
    free(surveying.blocks);
    return error;
}

void cramfs_survey_free(struct cramfs_survey *survey)
{
    if (!survey)
        return;
    cramfs_entries_free(&survey->entries);
    free(survey->inode);
    cramfs_extents_free(&survey->extents);
}
