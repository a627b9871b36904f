/*
 * Arrangement and layout of trees larger than any test wants to make: both are functions of sizes,
 * so the blocks here have lengths and no bytes.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "build/layout.h"
#include "build/pointers.h"
#include "cramfs/block.h"

enum { PAGE = 4096 };

struct specimen {
    struct cramfs_tree *tree;
    struct cramfs_plan_options options;
    struct encoded_tree encoded;
    struct arrangement arrangement;
    struct layout layout;
    unsigned files;
};

static unsigned char
    bytes[PAGE]; /* what every stored block that is deflated after all consists of */

static void begin(struct specimen *specimen)
{
    memset(specimen, 0, sizeof(*specimen));
    specimen->tree = cramfs_tree_create();
    cramfs_plan_options_init(&specimen->options);
    srand(3);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)rand();
}

static uint32_t add_block(struct specimen *specimen, enum block_form form, uint32_t length)
{
    struct block_store *store = &specimen->encoded.store;
    assert_true(array_reserve(&store->blocks, sizeof(*store->blocks), store->blocks_count,
                              &store->blocks_capacity, 1));
    store->blocks[store->blocks_count] = (struct encoded_block){
        .data = bytes, .length = length, .file_bytes = PAGE, .form = form, .piece = NO_PIECE};
    return (uint32_t)store->blocks_count++;
}

static void add_ref(struct specimen *specimen, uint32_t ref)
{
    struct encoded_tree *encoded = &specimen->encoded;
    assert_true(array_reserve(&encoded->refs, sizeof(*encoded->refs), encoded->refs_count,
                              &encoded->refs_capacity, 1));
    encoded->refs[encoded->refs_count++] = ref;
}

/* A file of the last `count` refs. */
static void add_file(struct specimen *specimen, uint32_t count, uint32_t size)
{
    struct encoded_tree *encoded = &specimen->encoded;
    char name[16];
    snprintf(name, sizeof(name), "f%06u", specimen->files++);
    struct cramfs_node *node =
        cramfs_tree_put(specimen->tree, specimen->tree->root, name, S_IFREG | 0644);
    node->size = size;
    assert_true(array_reserve(&encoded->contents, sizeof(*encoded->contents),
                              encoded->contents_count, &encoded->contents_capacity, 1));
    encoded->contents[encoded->contents_count++] =
        (struct content){encoded->refs_count - count, count, size};
}

/* Arranges and lays out; returns what lay_out() does. */
static int lay_out_specimen(struct specimen *specimen, struct cramfs_diags *diags)
{
    struct cramfs_tree *tree = specimen->tree;
    struct encoded_tree *encoded = &specimen->encoded;
    assert_int_equal(cramfs_tree_finish(tree), 0);
    encoded->content_of_node = malloc(tree->nodes_count * sizeof(uint32_t));
    encoded->content_of_node[0] = NO_CONTENT;
    for (uint32_t i = 1; i < tree->nodes_count; i++)
        encoded->content_of_node[i] = i - 1;
    assert_int_equal(arrange(tree, &specimen->options, encoded, &specimen->arrangement, diags), 0);
    return lay_out(tree, &specimen->options, encoded, &specimen->arrangement, &specimen->layout,
                   diags);
}

/* Lays out, and proves that every pointer reaches its block and reads what it should. */
static void lay_out_and_prove(struct specimen *specimen)
{
    struct encoded_tree *encoded = &specimen->encoded;
    struct cramfs_diags diags = {0};
    if (lay_out_specimen(specimen, &diags) != 0)
        fail_msg("%s", diags.list_count ? diags.list[0].text : "?");
    assert_int_equal(settle_zero_word(encoded, &specimen->arrangement, &specimen->layout, PAGE), 0);
    const struct arrangement *arrangement = &specimen->arrangement;
    for (size_t i = 0; i < arrangement->tables_count; i++) {
        const struct table *table = &arrangement->tables[i];
        const struct content *content = &encoded->contents[table->content];
        uint32_t *pointers;
        uint32_t count;
        assert_true(table->offset <= CRAMFS_MAX_INODE_OFFSET);
        assert_int_equal(
            table_pointers(encoded, arrangement, &specimen->layout, PAGE, table, &pointers, &count),
            0);
        assert_int_equal(count, content->refs_count);
        for (uint32_t slot = 0; slot < content->refs_count; slot++) {
            uint32_t piece = arrangement->slots[table->first_slot + slot];
            uint32_t direct = pointers[slot] & CRAMFS_POINTER_DIRECT;
            if (piece != SLOT_HOLE && direct)
                assert_true(
                    direct_reads_right(&encoded->store.blocks[arrangement->pieces[piece].block],
                                       slot, content->refs_count, content->size, PAGE));
        }
        free(pointers);
    }
}

static void end(struct specimen *specimen)
{
    layout_free(&specimen->layout);
    arrangement_free(&specimen->arrangement);
    encoded_tree_free(&specimen->encoded);
    cramfs_tree_free(specimen->tree);
}

static bool has_spot(const struct specimen *specimen, enum spot_kind kind)
{
    for (size_t i = 0; i < specimen->layout.spots_count; i++) {
        if (specimen->layout.spots[i].kind == kind)
            return true;
    }
    return false;
}

/* Runs in place that begin alike are stored each for itself: few blocks can be many pages. */
static void holes_behind_a_gibibyte_have_a_word_to_point_at(void **state)
{
    (void)state;
    struct specimen specimen;
    begin(&specimen);
    uint32_t common = add_block(&specimen, FORM_IN_PLACE, PAGE);
    for (unsigned file = 0; file < 90; file++) {
        add_ref(&specimen, add_block(&specimen, FORM_IN_PLACE, PAGE));
        for (unsigned page = 0; page < 3072; page++)
            add_ref(&specimen, common);
        add_ref(&specimen, REF_HOLE);
        add_file(&specimen, 3074, 3073 * PAGE + 9);
    }
    lay_out_and_prove(&specimen);
    assert_true(specimen.layout.image_size > (uint64_t)1 << 30);
    assert_true(has_spot(&specimen, SPOT_ZERO_WORD));
    end(&specimen);
}

static void without_need_there_is_no_zero_word(void **state)
{
    (void)state;
    struct specimen specimen;
    begin(&specimen);
    add_ref(&specimen, REF_HOLE);
    add_file(&specimen, 1, 9);
    for (unsigned file = 0; file < 90; file++) {
        for (unsigned page = 0; page < 3072; page++)
            add_ref(&specimen, add_block(&specimen, FORM_DEFLATED, PAGE - 9));
        add_file(&specimen, 3072, 3072 * PAGE - 9);
    }
    lay_out_and_prove(&specimen);
    assert_true(specimen.layout.image_size > (uint64_t)1 << 30);
    assert_false(has_spot(&specimen, SPOT_ZERO_WORD));
    end(&specimen);
}

static void stored_last_pages_of_whole_pages_fit_behind_every_limit(void **state)
{
    (void)state;
    struct specimen specimen;
    begin(&specimen);
    /* 75,000 files of one stored page: 307 MB of chains, with tables between them too many. */
    for (unsigned file = 0; file < 75000; file++) {
        add_ref(&specimen, add_block(&specimen, FORM_STORED, PAGE));
        add_file(&specimen, 1, PAGE);
    }
    /* And beyond 1 GiB, where no plain pointer reaches. */
    for (unsigned file = 0; file < 70; file++) {
        for (unsigned page = 0; page < 3072; page++)
            add_ref(&specimen, add_block(&specimen, FORM_DEFLATED, PAGE - 1));
        add_file(&specimen, 3072, 3072 * PAGE - 1);
    }
    for (unsigned page = 0; page < 3; page++)
        add_ref(&specimen, add_block(&specimen, FORM_STORED, PAGE));
    add_file(&specimen, 3, 3 * PAGE);
    lay_out_and_prove(&specimen);
    assert_true(specimen.layout.image_size > (uint64_t)1 << 30);
    end(&specimen);
}

static void images_over_four_gibibytes_are_refused(void **state)
{
    (void)state;
    struct specimen specimen;
    begin(&specimen);
    for (unsigned file = 0; file < 300; file++) {
        for (unsigned page = 0; page < 4000; page++)
            add_ref(&specimen, add_block(&specimen, FORM_IN_PLACE, PAGE));
        add_file(&specimen, 4000, 4000 * PAGE - 1);
    }
    struct cramfs_diags diags = {0};
    assert_int_equal(lay_out_specimen(&specimen, &diags), -CRAMFS_ERR_LIMIT);
    assert_non_null(strstr(diags.list[0].text, "over the format's 4294967295"));
    cramfs_diags_free(&diags);
    end(&specimen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holes_behind_a_gibibyte_have_a_word_to_point_at),
        cmocka_unit_test(without_need_there_is_no_zero_word),
        cmocka_unit_test(stored_last_pages_of_whole_pages_fit_behind_every_limit),
        cmocka_unit_test(images_over_four_gibibytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
