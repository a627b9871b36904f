#include "pack/budget/measure.h"

#include <stdlib.h>

#include "base/array.h"
#include "format/bytes.h"
#include "pack/layout/arrange.h"
#include "pack/layout/inodes.h"

static uint64_t gap_of(const struct cramfs_plan_options *options,
                       const struct arrangement *arrangement, const struct layout *layout)
{
    uint64_t end = 0;
    for (size_t i = 0; i < layout->spots_count; i++) {
        const struct spot *spot = &layout->spots[i];
        if (options->kernel != CRAMFS_KERNEL_NOMMU && spot->kind == SPOT_PIECE &&
            arrangement->pieces[spot->index].in_place)
            break;
        end = spot->offset + spot->length;
    }
    return align_up(end, options->page_size) - end;
}

/* Arranges the listed tables, and lays them out if `layout` is not NULL. */
static int lay_out_tables(struct measuring *measuring, struct layout *layout)
{
    struct arrangement *arrangement = &measuring->arrangement;
    struct cramfs_diags unheard = {0};
    arrangement_empty(arrangement);
    int error = arrange_tables(measuring->tree, measuring->options, measuring->encoded, NULL,
                               arrangement, &unheard);
    if (!error && layout)
        error = lay_out(measuring->tree, measuring->options, measuring->encoded, arrangement,
                        layout, &unheard);
    cramfs_diags_free(&unheard);
    return error;
}

static int measure_whole(struct measuring *measuring, struct measured *measured)
{
    struct layout layout = {0};
    int error = lay_out_tables(measuring, &layout);
    *measured = (struct measured){.size = UINT64_MAX};
    if (!error)
        *measured = (struct measured){
            .size = layout.image_size,
            .gap = gap_of(measuring->options, &measuring->arrangement, &layout),
        };
    layout_free(&layout);
    return error == -CRAMFS_ERR_LIMIT ? 0 : error;
}

/* The most bytes before the zone, and in all: what no limit of the format is near to is summed. */
static bool may_sum(const struct measuring *measuring)
{
    const struct encoded_tree *encoded = measuring->encoded;
    uint32_t page_size = measuring->options->page_size;
    uint64_t chains = 0;
    uint64_t zone = 0;
    if (measuring->options->kernel == CRAMFS_KERNEL_NOMMU || measuring->options->legacy)
        return false;
    for (size_t i = 0; i < measuring->tables_count; i++) {
        const struct content *content = &encoded->contents[measuring->tables[i].content];
        chains += ((uint64_t)content->refs_count + 1) * CRAMFS_POINTER_SIZE;
        for (uint32_t j = 0; j < content->refs_count; j++) {
            uint32_t ref = encoded->refs[content->first_ref + j];
            zone += page_size;
            if (ref != REF_HOLE)
                chains += encoded->store.blocks[ref].length + HEAD_COST + CRAMFS_DIRECT_ALIGN;
        }
    }
    uint64_t before = measuring->front_end + chains;
    return before <= CRAMFS_MAX_INODE_OFFSET / 2 && before + zone <= CRAMFS_MAX_PLAIN_END;
}

/*
 * Up to two blocks that a slot can lead to besides its own one: the block in place that may replace
 * it, and the one that another file may have in place. A hole, too, may go in place.
 */
static void others_of(const struct encoded_tree *encoded, size_t ref, uint32_t others[2])
{
    uint32_t own = encoded->refs[ref];
    others[0] = encoded->placed[ref];
    others[1] = own == REF_HOLE ? NO_BLOCK : encoded->store.blocks[own].placed;
    if (others[0] == own)
        others[0] = NO_BLOCK;
    if (others[1] == own || others[1] == others[0])
        others[1] = NO_BLOCK;
}

static void count_use(uint32_t block, unsigned char *uses)
{
    if (block != NO_BLOCK && uses[block] < 2)
        uses[block]++;
}

static void count_uses(const struct encoded_tree *encoded, const struct content *content,
                       unsigned char *uses)
{
    for (size_t i = content->first_ref; i < content->first_ref + content->refs_count; i++) {
        uint32_t others[2];
        others_of(encoded, i, others);
        count_use(encoded->refs[i], uses);
        count_use(others[0], uses);
        count_use(others[1], uses);
    }
}

static bool used_once(uint32_t block, const unsigned char *uses)
{
    return block == NO_BLOCK || uses[block] < 2;
}

static bool is_alone(const struct encoded_tree *encoded, const struct content *content,
                     const unsigned char *uses)
{
    bool alone = true;
    for (size_t i = content->first_ref; alone && i < content->first_ref + content->refs_count;
         i++) {
        uint32_t others[2];
        others_of(encoded, i, others);
        alone = used_once(encoded->refs[i], uses) && used_once(others[0], uses) &&
                used_once(others[1], uses);
    }
    return alone;
}

static int find_alone(struct measuring *measuring)
{
    const struct encoded_tree *encoded = measuring->encoded;
    unsigned char *uses = calloc(encoded->store.blocks_count + 1, 1);
    if (!uses)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < measuring->tables_count; i++)
        count_uses(encoded, &encoded->contents[measuring->tables[i].content], uses);
    for (size_t i = 0; i < measuring->tables_count; i++) {
        struct measured_table *table = &measuring->tables[i];
        table->alone = is_alone(encoded, &encoded->contents[table->content], uses);
    }
    free(uses);
    return 0;
}

/* Leaves the tables that are arranged in the list of all tables. */
static void keep_others(struct measuring *measuring)
{
    struct arrangement *arrangement = &measuring->arrangement;
    size_t kept = 0;
    for (size_t i = 0; i < measuring->tables_count; i++) {
        if (!measuring->tables[i].alone)
            arrangement->tables[kept++] = arrangement->tables[i];
    }
    arrangement->tables_count = kept;
}

/* Lists the tables that are arranged again, since there are more. */
static int list_again(struct measuring *measuring)
{
    arrangement_free(&measuring->arrangement);
    int error = list_tables(measuring->tree, measuring->encoded, &measuring->arrangement);
    if (!error)
        keep_others(measuring);
    return error;
}

/* Lays out an image of no file: what comes before the tables. */
static int lay_out_front(struct measuring *measuring)
{
    struct arrangement none = {0};
    struct layout front = {0};
    struct cramfs_diags unheard = {0};
    int error =
        lay_out(measuring->tree, measuring->options, measuring->encoded, &none, &front, &unheard);
    cramfs_diags_free(&unheard);
    if (error) {
        layout_free(&front);
        return error;
    }
    const struct spot *last = &front.spots[front.spots_count - 1];
    measuring->front_end = last->offset + last->length;
    measuring->least_size =
        least_image_size(measuring->tree, &front, 0, measuring->options->page_size);
    layout_free(&front);
    return 0;
}

int measuring_begin(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                    struct encoded_tree *encoded, struct measuring *measuring)
{
    *measuring = (struct measuring){.tree = tree, .options = options, .encoded = encoded};
    struct arrangement *arrangement = &measuring->arrangement;
    int error = list_tables(tree, encoded, arrangement);
    if (error)
        return error;
    measuring->tables =
        array_create((uint64_t)arrangement->tables_count + 1, sizeof(*measuring->tables));
    if (!measuring->tables)
        return -CRAMFS_ERR_MEMORY;
    measuring->tables_count = arrangement->tables_count;
    for (size_t i = 0; i < arrangement->tables_count; i++)
        measuring->tables[i] = (struct measured_table){.content = arrangement->tables[i].content};
    error = lay_out_front(measuring);
    measuring->sums = !error && may_sum(measuring);
    if (error || !measuring->sums)
        return error == -CRAMFS_ERR_LIMIT ? 0 : error;
    error = find_alone(measuring);
    if (!error)
        keep_others(measuring);
    return error;
}

/* What comes one after the other: bytes before the zone, and the zone's pages. */
struct sum {
    uint64_t end;
    uint64_t pages;
};

/*
 * Adds a table that is alone, as arrange_chains() and lay_out() would. Returns false when its last
 * block would need another encoding: see deflate_anyway() in arrange_chains.c.
 */
static bool add_alone(const struct measuring *measuring, const struct content *content,
                      struct sum *sum)
{
    const uint32_t *refs = &measuring->encoded->refs[content->first_ref];
    uint64_t end = align_up(sum->end, CRAMFS_DIRECT_ALIGN) +
                   (uint64_t)content->refs_count * CRAMFS_POINTER_SIZE;
    bool after_run = false;
    for (uint32_t i = 0; i < content->refs_count; i++) {
        if (refs[i] == REF_HOLE)
            continue;
        const struct encoded_block *block = &measuring->encoded->store.blocks[refs[i]];
        sum->pages += block->form == FORM_IN_PLACE;
        if (block->form == FORM_IN_PLACE) {
            after_run = true;
            continue;
        }
        if (after_run && !direct_reads_right(block, i, content->refs_count, content->size,
                                             measuring->options->page_size))
            return false;
        if (after_run)
            end = align_up(end, CRAMFS_DIRECT_ALIGN) +
                  (block->form == FORM_DEFLATED ? CRAMFS_DIRECT_PREFIX : 0);
        end += block->length;
        after_run = false;
    }
    sum->end = end;
    return true;
}

/* Adds a table that is arranged. */
static void add_arranged(const struct measuring *measuring, const struct table *table,
                         struct sum *sum)
{
    const struct arrangement *arrangement = &measuring->arrangement;
    sum->end =
        align_up(sum->end, CRAMFS_DIRECT_ALIGN) +
        (uint64_t)measuring->encoded->contents[table->content].refs_count * CRAMFS_POINTER_SIZE;
    for (uint32_t i = 0; i < table->pieces_count; i++) {
        const struct piece *piece = &arrangement->pieces[table->first_piece + i];
        sum->end = align_up(sum->end, piece->head ? CRAMFS_DIRECT_ALIGN : 1) +
                   piece_length(measuring->encoded, piece);
    }
}

/* Returns whether that was all; otherwise more tables have to be arranged. */
static bool sum_up(struct measuring *measuring, struct sum *sum)
{
    const struct arrangement *arrangement = &measuring->arrangement;
    const struct table *next = arrangement->tables;
    bool all = true;
    *sum = (struct sum){.end = measuring->front_end};
    for (size_t i = 0; i < arrangement->pieces_count; i++)
        sum->pages += arrangement->pieces[i].in_place;
    for (size_t i = 0; i < measuring->tables_count; i++) {
        struct measured_table *table = &measuring->tables[i];
        if (!table->alone)
            add_arranged(measuring, next++, sum);
        else if (!add_alone(measuring, &measuring->encoded->contents[table->content], sum))
            all = table->alone = false;
    }
    return all;
}

int measuring_size(struct measuring *measuring, struct measured *measured)
{
    struct sum sum;
    if (!measuring->sums)
        return measure_whole(measuring, measured);
    int error = lay_out_tables(measuring, NULL);
    while (!error && !sum_up(measuring, &sum)) {
        error = list_again(measuring);
        if (!error)
            error = lay_out_tables(measuring, NULL);
    }
    if (error) {
        *measured = (struct measured){.size = UINT64_MAX};
        return error == -CRAMFS_ERR_LIMIT ? 0 : error;
    }
    uint32_t page_size = measuring->options->page_size;
    uint64_t zone = align_up(sum.end, page_size);
    uint64_t size = zone + sum.pages * page_size;
    *measured = (struct measured){
        .size = size > measuring->least_size ? size : measuring->least_size,
        .gap = zone - sum.end,
    };
    return 0;
}

void measuring_end(struct measuring *measuring)
{
    free(measuring->tables);
    arrangement_free(&measuring->arrangement);
}
