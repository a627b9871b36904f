/*
 * Arrangement and layout of trees that are too large to make in a test: both are functions of
 * sizes, so the blocks here have lengths and no bytes.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/block.h"
#include "pack/layout/layout.h"
#include "pack/layout/pointers.h"

enum { PAGE = 4096 };

/* The input of arrangement and layout. */
static const struct cramfs_plan_options plain = {
    .page_size = PAGE,
    .kernel = CRAMFS_KERNEL_MMU,
    .compressor = CRAMFS_COMPRESSOR_DEFAULT,
    .level = CRAMFS_DEFAULT_LEVEL,
};

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
    specimen->options = plain;
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
        .data = bytes, .length = length, .file_bytes = PAGE, .form = form, .placed = NO_BLOCK};
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
    assert_non_null(strstr(diags.list[0].text, "over the format's limit of 4294967295"));
    cramfs_diags_free(&diags);
    end(&specimen);
}

/*
 * Files whose blocks end exactly at `end`: full ones, and a last one for the rest. `more` files
 * without bytes as yet will follow, so that the directory has room for them.
 */
static void fill_up_to(struct specimen *specimen, uint64_t end, unsigned more)
{
    enum { BLOCKS = 3072, LENGTH = 4000, ENTRY = 12 + 8, SLOT = 4 + LENGTH };
    uint64_t file_length = (uint64_t)BLOCKS * SLOT;
    uint64_t left = end - CRAMFS_SUPER_SIZE - (uint64_t)more * ENTRY;
    unsigned full = (unsigned)(left / (file_length + ENTRY));
    left -= full * (file_length + ENTRY) + ENTRY;
    for (unsigned file = 0; file < full; file++) {
        for (unsigned block = 0; block < BLOCKS; block++)
            add_ref(specimen, add_block(specimen, FORM_DEFLATED, LENGTH));
        add_file(specimen, BLOCKS, BLOCKS * PAGE - 9);
    }
    unsigned blocks = 0;
    for (; left > SLOT + 4 + 1; left -= SLOT, blocks++)
        add_ref(specimen, add_block(specimen, FORM_DEFLATED, LENGTH));
    for (; left; left -= left < SLOT ? left : SLOT / 2, blocks++)
        add_ref(specimen,
                add_block(specimen, FORM_DEFLATED, (uint32_t)(left < SLOT ? left : SLOT / 2) - 4));
    add_file(specimen, blocks, blocks * PAGE - 9);
}

static const struct piece *last_piece(const struct specimen *specimen)
{
    return &specimen->arrangement.pieces[specimen->arrangement.pieces_count - 1];
}

/*
 * The size up to which to fill, so that plain pointers reach as far as they can: all tables come
 * first there, and the bytes of heads and alignment are measured.
 */
static uint64_t aim_at_a_gibibyte(void)
{
    uint64_t aim = CRAMFS_MAX_PLAIN_END;
    for (int attempt = 0; attempt < 5; attempt++) {
        struct specimen specimen;
        begin(&specimen);
        fill_up_to(&specimen, aim, 0);
        lay_out_and_prove(&specimen);
        const struct piece *piece = last_piece(&specimen);
        uint64_t got = piece->offset + piece_length(&specimen.encoded, piece);
        end(&specimen);
        if (got == CRAMFS_MAX_PLAIN_END)
            return aim;
        aim += CRAMFS_MAX_PLAIN_END - got;
    }
    fail_msg("the last block never ended there");
    return 0;
}

/* With one byte more the block needs a direct pointer, with its length before it. */
static void plain_pointers_reach_a_gibibyte_less_one_byte(void **state)
{
    (void)state;
    uint64_t aim = aim_at_a_gibibyte();
    for (unsigned past = 0; past < 2; past++) {
        struct specimen specimen;
        begin(&specimen);
        fill_up_to(&specimen, aim + past, 0);
        lay_out_and_prove(&specimen);
        assert_int_equal(last_piece(&specimen)->head, past);
        end(&specimen);
    }
}

/* Where an inode can still point to: past it all tables come first, unless they cannot. */
static void tables_begin_at_256_mib_less_4_bytes(void **state)
{
    (void)state;
    for (unsigned past = 0; past < 2; past++) {
        for (unsigned legacy = 0; legacy < 2; legacy++) {
            struct specimen specimen;
            struct cramfs_diags diags = {0};
            begin(&specimen);
            specimen.options.legacy = legacy;
            fill_up_to(&specimen, CRAMFS_MAX_INODE_OFFSET + past, 1);
            add_ref(&specimen, add_block(&specimen, FORM_DEFLATED, 99));
            add_file(&specimen, 1, 100);
            bool fits = !past || !legacy;
            assert_int_equal(lay_out_specimen(&specimen, &diags), fits ? 0 : -CRAMFS_ERR_LIMIT);
            const struct arrangement *arrangement = &specimen.arrangement;
            uint32_t last = arrangement->tables[arrangement->tables_count - 1].offset;
            if (!fits)
                assert_non_null(strstr(diags.list[0].text, "do not fit below offset 268435452"));
            else if (!past)
                assert_int_equal(last, CRAMFS_MAX_INODE_OFFSET);
            else
                assert_true(last <= 1 << 20);
            cramfs_diags_free(&diags);
            end(&specimen);
        }
    }
}

/* Directories in which many entries are one node: the layout needs only the lengths of names. */
static void entries_begin_at_256_mib_less_4_bytes(void **state)
{
    (void)state;
    enum { MANY = 1016800, LONGEST = 252, REST = 132 }; /* 264 bytes each, and 144 */
    static char longest[LONGEST + 1];
    static char rest[REST + 5];
    memset(longest, 'n', LONGEST);
    for (unsigned past = 0; past < 2; past++) {
        memset(rest, 'r', REST + past);
        struct cramfs_node file = {.name = longest, .mode = S_IFIFO, .number = 3};
        struct cramfs_node odd = {.name = rest, .mode = S_IFIFO, .number = 4};
        struct cramfs_node **children = malloc((MANY + 1) * sizeof(*children));
        for (size_t i = 0; i < MANY; i++)
            children[i] = &file;
        children[MANY] = &odd;
        struct cramfs_node *one = &odd;
        struct cramfs_node first = {.name = (char[]){"a"}, .mode = S_IFDIR, .number = 1};
        struct cramfs_node second = {.name = (char[]){"b"}, .mode = S_IFDIR, .number = 2};
        struct cramfs_node *both[] = {&first, &second};
        struct cramfs_node root = {.name = (char[]){""}, .mode = S_IFDIR, .children = both};
        root.children_count = COUNT(both);
        first.children = children;
        first.children_count = MANY + 1;
        second.children = &one;
        second.children_count = 1;
        first.parent = &root;
        second.parent = &root;
        struct cramfs_node *nodes[] = {&root, &first, &second};
        struct cramfs_tree tree = {.root = &root, .nodes = nodes, .nodes_count = COUNT(nodes)};
        struct cramfs_plan_options options;
        struct encoded_tree encoded = {0};
        struct arrangement arrangement = {0};
        struct layout layout = {0};
        struct cramfs_diags diags = {0};
        options = plain;
        int error = lay_out(&tree, &options, &encoded, &arrangement, &layout, &diags);
        assert_int_equal(error, past ? -CRAMFS_ERR_LIMIT : 0);
        if (past)
            assert_non_null(
                strstr(diags.list[0].text, "begin at offset 268435456, over the format's"));
        else
            assert_int_equal(layout.directory_offset[2], CRAMFS_MAX_INODE_OFFSET);
        cramfs_diags_free(&diags);
        layout_free(&layout);
        free(children);
    }
}

static void add_pages_in_place(struct specimen *specimen, unsigned pages)
{
    enum { MOST = 4000 };
    while (pages) {
        unsigned now = pages < MOST ? pages : MOST;
        for (unsigned page = 0; page < now; page++)
            add_ref(specimen, add_block(specimen, FORM_IN_PLACE, PAGE));
        add_file(specimen, now, now * PAGE - 1);
        pages -= now;
    }
}

static void images_have_at_most_4_gib_less_a_page(void **state)
{
    (void)state;
    /*
     * 263 files; with 4 bytes a page for tables, 1025 pages at the beginning leave 1047550 for the
     * zone.
     */
    enum { PAGES = 1047550 };
    for (unsigned past = 0; past < 2; past++) {
        struct specimen specimen;
        struct cramfs_diags diags = {0};
        begin(&specimen);
        add_pages_in_place(&specimen, PAGES + past);
        int error = lay_out_specimen(&specimen, &diags);
        assert_int_equal(error, past ? -CRAMFS_ERR_LIMIT : 0);
        if (past)
            assert_non_null(strstr(diags.list[0].text, "would have 4294967296 bytes, over"));
        else
            assert_int_equal(specimen.layout.image_size, CRAMFS_MAX_IMAGE_SIZE - PAGE + 1);
        cramfs_diags_free(&diags);
        end(&specimen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holes_behind_a_gibibyte_have_a_word_to_point_at),
        cmocka_unit_test(without_need_there_is_no_zero_word),
        cmocka_unit_test(stored_last_pages_of_whole_pages_fit_behind_every_limit),
        cmocka_unit_test(images_over_four_gibibytes_are_refused),
        cmocka_unit_test(plain_pointers_reach_a_gibibyte_less_one_byte),
        cmocka_unit_test(tables_begin_at_256_mib_less_4_bytes),
        cmocka_unit_test(entries_begin_at_256_mib_less_4_bytes),
        cmocka_unit_test(images_have_at_most_4_gib_less_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
