#include "pack/budget/measure.h"

#include <stdlib.h>
#include <string.h>

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

static const struct content *content_of(const struct measuring *measuring,
                                        const struct measured_table *table)
{
    return &measuring->encoded->contents[table->listed.content];
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
        const struct content *content = content_of(measuring, &measuring->tables[i]);
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

/* The number of the table that stands for the group of a table. Later searches are shorter. */
static uint32_t find_group(struct measuring *measuring, uint32_t number)
{
    struct measured_table *tables = measuring->tables;
    while (tables[number].group != number) {
        tables[number].group = tables[tables[number].group].group;
        number = tables[number].group;
    }
    return number;
}

/* Notes that a slot of the table can lead to the block; `users` has a table for each block. */
static void note_use(struct measuring *measuring, uint32_t table, uint32_t block, uint32_t *users)
{
    if (block == NO_BLOCK)
        return;
    if (users[block] == NO_TABLE) {
        users[block] = table;
        return;
    }
    uint32_t one = find_group(measuring, table);
    uint32_t other = find_group(measuring, users[block]);
    measuring->tables[one > other ? one : other].group = one < other ? one : other;
    measuring->tables[table].alone = measuring->tables[users[block]].alone = false;
}

static int find_groups(struct measuring *measuring)
{
    const struct encoded_tree *encoded = measuring->encoded;
    uint32_t *users = array_create((uint64_t)encoded->store.blocks_count + 1, sizeof(*users));
    if (!users)
        return -CRAMFS_ERR_MEMORY;
    memset(users, 0xff, (encoded->store.blocks_count + 1) * sizeof(*users));
    for (uint32_t i = 0; i < measuring->tables_count; i++) {
        const struct content *content = content_of(measuring, &measuring->tables[i]);
        for (size_t j = content->first_ref; j < content->first_ref + content->refs_count; j++) {
            uint32_t others[2];
            others_of(encoded, j, others);
            note_use(measuring, i, encoded->refs[j], users);
            note_use(measuring, i, others[0], users);
            note_use(measuring, i, others[1], users);
        }
    }
    free(users);
    return 0;
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
    measuring->others =
        array_create((uint64_t)arrangement->tables_count + 1, sizeof(*measuring->others));
    if (!measuring->tables || !measuring->others)
        return -CRAMFS_ERR_MEMORY;
    measuring->tables_count = arrangement->tables_count;
    for (size_t i = 0; i < arrangement->tables_count; i++)
        measuring->tables[i] = (struct measured_table){
            .listed = arrangement->tables[i], .group = (uint32_t)i, .alone = true};
    error = lay_out_front(measuring);
    measuring->sums = !error && may_sum(measuring);
    if (error || !measuring->sums)
        return error == -CRAMFS_ERR_LIMIT ? 0 : error;
    return find_groups(measuring);
}

/* Marks the groups of tables whose refs are not those of the last time. */
static int mark_changed(struct measuring *measuring)
{
    const struct encoded_tree *encoded = measuring->encoded;
    uint32_t *known = measuring->known;
    if (!known)
        measuring->known = array_create((uint64_t)encoded->refs_count + 1, sizeof(*known));
    if (!measuring->known)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < measuring->tables_count; i++)
        measuring->tables[i].changed = false;
    for (uint32_t i = 0; i < measuring->tables_count; i++) {
        const struct content *content = content_of(measuring, &measuring->tables[i]);
        if (!known || memcmp(known + content->first_ref, encoded->refs + content->first_ref,
                             content->refs_count * sizeof(*known)) != 0)
            measuring->tables[find_group(measuring, i)].changed = true;
    }
    if (encoded->refs_count)
        memcpy(measuring->known, encoded->refs, encoded->refs_count * sizeof(*encoded->refs));
    return 0;
}

/*
 * Measures a table that is alone, as arrange_chains() and lay_out() would. Returns false when its
 * last block would need another encoding: see deflate_anyway() in arrange_chains.c.
 */
static bool measure_alone(const struct measuring *measuring, struct measured_table *table)
{
    const struct content *content = content_of(measuring, table);
    const uint32_t *refs = &measuring->encoded->refs[content->first_ref];
    uint64_t end = (uint64_t)content->refs_count * CRAMFS_POINTER_SIZE;
    bool after_run = false;
    table->pages = 0;
    for (uint32_t i = 0; i < content->refs_count; i++) {
        if (refs[i] == REF_HOLE)
            continue;
        const struct encoded_block *block = &measuring->encoded->store.blocks[refs[i]];
        table->pages += block->form == FORM_IN_PLACE;
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
    table->length = end;
    return true;
}

/* Measures the changed tables that can be summed up, and lists the other changed ones. */
static void list_others(struct measuring *measuring)
{
    struct arrangement *arrangement = &measuring->arrangement;
    arrangement->tables_count = 0;
    for (uint32_t i = 0; i < measuring->tables_count; i++) {
        struct measured_table *table = &measuring->tables[i];
        if (!measuring->tables[find_group(measuring, i)].changed ||
            (table->alone && measure_alone(measuring, table)))
            continue;
        measuring->others[arrangement->tables_count] = i;
        arrangement->tables[arrangement->tables_count++] = table->listed;
    }
}

/* The bytes of a table that was arranged: its pointers, and its pieces before the zone. */
static uint64_t arranged_length(const struct measuring *measuring, const struct table *table)
{
    const struct arrangement *arrangement = &measuring->arrangement;
    const struct content *content = &measuring->encoded->contents[table->content];
    uint64_t end = (uint64_t)content->refs_count * CRAMFS_POINTER_SIZE;
    for (uint32_t i = 0; i < table->pieces_count; i++) {
        const struct piece *piece = &arrangement->pieces[table->first_piece + i];
        end = align_up(end, piece->head ? CRAMFS_DIRECT_ALIGN : 1) +
              piece_length(measuring->encoded, piece);
    }
    return end;
}

/* Arranges the listed tables, and measures them. */
static int measure_others(struct measuring *measuring)
{
    const struct arrangement *arrangement = &measuring->arrangement;
    if (!arrangement->tables_count)
        return 0;
    int error = lay_out_tables(measuring, NULL);
    if (error)
        return error;
    for (size_t i = 0; i < arrangement->tables_count; i++) {
        struct measured_table *table = &measuring->tables[measuring->others[i]];
        table->length = arranged_length(measuring, &arrangement->tables[i]);
        table->pages = 0;
    }
    for (size_t i = 0; i < arrangement->pieces_count; i++) {
        const struct piece *piece = &arrangement->pieces[i];
        measuring->tables[measuring->others[piece->table]].pages += piece->in_place;
    }
    return 0;
}

static void sum_up(const struct measuring *measuring, struct measured *measured)
{
    uint32_t page_size = measuring->options->page_size;
    uint64_t end = measuring->front_end;
    uint64_t pages = 0;
    for (size_t i = 0; i < measuring->tables_count; i++) {
        end = align_up(end, CRAMFS_DIRECT_ALIGN) + measuring->tables[i].length;
        pages += measuring->tables[i].pages;
    }
    uint64_t zone = align_up(end, page_size);
    uint64_t size = zone + pages * page_size;
    *measured = (struct measured){
        .size = size > measuring->least_size ? size : measuring->least_size,
        .gap = zone - end,
    };
}

int measuring_size(struct measuring *measuring, struct measured *measured)
{
    if (!measuring->sums)
        return measure_whole(measuring, measured);
    int error = mark_changed(measuring);
    if (!error) {
        list_others(measuring);
        error = measure_others(measuring);
    }
    if (!error) {
        sum_up(measuring, measured);
        return 0;
    }
    /* Some groups were not measured: next time all are. */
    free(measuring->known);
    measuring->known = NULL;
    *measured = (struct measured){.size = UINT64_MAX};
    return error == -CRAMFS_ERR_LIMIT ? 0 : error;
}

void measuring_end(struct measuring *measuring)
{
    free(measuring->tables);
    free(measuring->others);
    free(measuring->known);
    arrangement_free(&measuring->arrangement);
}
