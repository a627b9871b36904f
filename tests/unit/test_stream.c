#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack/blocks/block_bytes.h"
#include "pack/blocks/stream.h"

enum { SEED = 20261121, PAGE = 4096, KINDS = 300, PAGES = 20000 };

/* The input and the output of a stream. */
struct expected {
    unsigned kind; /* of the bytes; 0 for zeroes */
    struct batch_page page;
};

struct run {
    struct expected *pages;
    uint32_t taken;
    uint32_t deflated_of_kind[KINDS]; /* refs by kind, NO_BLOCK at first */
    uint32_t stored_of_kind[KINDS];
    uint32_t placed_of_kind[KINDS];
    int fail_at; /* the taker fails there; -1 for never */
};

static uint32_t length_of(unsigned kind)
{
    return kind % 5 == 1 ? 1 + kind * 13 % PAGE : PAGE;
}

/* Bytes that depend on the kind alone: zeroes, words, noise. */
static void fill(unsigned char *raw, unsigned kind)
{
    uint32_t length = length_of(kind);
    uint32_t state = kind * 2654435761u;
    for (uint32_t i = 0; i < length; i++) {
        state = state * 1664525 + 1013904223;
        raw[i] = (unsigned char)(!kind ? 0 : kind % 3 ? (state >> 24) % 7 : state >> 24);
    }
}

static void remember(uint32_t *of_kind, uint32_t ref)
{
    if (*of_kind == NO_BLOCK)
        *of_kind = ref;
    assert_int_equal(*of_kind, ref);
}

static int take_page(void *context, const struct batch_page *page)
{
    struct run *run = context;
    const struct expected *expected = &run->pages[run->taken];
    if ((int)run->taken == run->fail_at)
        return -77;
    run->taken++;
    assert_int_equal(page->node, expected->page.node); /* in the order in which they went in */
    if (!expected->kind && !placed_only(page))
        assert_int_equal(page->ref, REF_HOLE);
    else if (placed_only(page))
        remember(&run->placed_of_kind[expected->kind], page->ref);
    else
        remember(page->raw ? &run->stored_of_kind[expected->kind]
                           : &run->deflated_of_kind[expected->kind],
                 page->ref);
    if (page->in_place)
        remember(&run->placed_of_kind[expected->kind], page->placed_ref);
    else
        assert_int_equal(page->placed_ref, NO_BLOCK);
    return 0;
}

static void begin(struct run *run, struct expected *pages)
{
    *run = (struct run){.pages = pages, .fail_at = -1};
    memset(run->deflated_of_kind, 0xff, sizeof(run->deflated_of_kind));
    memset(run->stored_of_kind, 0xff, sizeof(run->stored_of_kind));
    memset(run->placed_of_kind, 0xff, sizeof(run->placed_of_kind));
}

/* `both`: no page is placed only. */
static struct expected *make_pages(bool both)
{
    struct expected *pages = calloc(PAGES, sizeof(*pages));
    assert_non_null(pages);
    srand(SEED);
    printf("seed %d\n", SEED);
    for (uint32_t i = 0; i < PAGES; i++) {
        /* Often that of a page just before, so that equal pages are on their way together. */
        unsigned kind = (unsigned)rand() % KINDS;
        if (i && rand() % 3 == 0)
            kind = pages[i - 1 - (uint32_t)rand() % (i < 50 ? i : 50)].kind;
        unsigned way = (unsigned)rand() % 16;
        pages[i] = (struct expected){
            kind,
            {.node = i,
             .raw_length = length_of(kind),
             .in_place = way < 3,
             .both = both,
             .raw = way == 3},
        };
    }
    return pages;
}

static int add_all(struct page_stream *stream, const struct expected *pages)
{
    int error = 0;
    for (uint32_t i = 0; !error && i < PAGES; i++) {
        unsigned char raw[PAGE];
        fill(raw, pages[i].kind);
        error = page_stream_add(stream, &pages[i].page, raw);
    }
    return error ? error : page_stream_finish(stream);
}

/* Each block of the store has the bytes of its kind, and no two are the same. */
static void check_store(const struct block_store *store, const struct run *run)
{
    struct block_inflater *inflater = block_inflater_create();
    size_t found = 0;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        const uint32_t refs[] = {run->deflated_of_kind[kind], run->stored_of_kind[kind],
                                 run->placed_of_kind[kind]};
        unsigned char raw[PAGE];
        fill(raw, kind);
        for (size_t i = 0; i < COUNT(refs); i++) {
            if (refs[i] == NO_BLOCK || (i == 1 && refs[1] == refs[0]))
                continue; /* noise is stored, asked for or not */
            assert_true(block_has_bytes(&store->blocks[refs[i]], raw, length_of(kind), inflater));
            found++;
        }
    }
    assert_int_equal(found, store->blocks_count);
    block_inflater_free(inflater);
}

static void stream_with_any_number_of_workers(bool both)
{
    struct expected *pages = make_pages(both);
    for (unsigned jobs = 1; jobs <= 5; jobs++) {
        const struct cramfs_plan_options options = {
            .page_size = CRAMFS_MIN_PAGE_SIZE,
            .holes = true,
            .compressor = CRAMFS_COMPRESSOR_DEFAULT,
            .level = CRAMFS_DEFAULT_LEVEL,
            .jobs = jobs,
        };
        struct block_store store = {0};
        struct run run;
        begin(&run, pages);
        struct page_stream *stream = page_stream_create(&options, &store, take_page, &run);
        assert_non_null(stream);
        assert_int_equal(add_all(stream, pages), 0);
        assert_int_equal(run.taken, PAGES);
        page_stream_free(stream);
        check_store(&store, &run);
        block_store_free(&store);
    }
    free(pages);
}

static void equal_pages_become_one_block_for_any_number_of_workers(void **state)
{
    (void)state;
    stream_with_any_number_of_workers(false);
    stream_with_any_number_of_workers(true);
}

static void what_the_taker_refuses_ends_the_stream(void **state)
{
    (void)state;
    struct expected *pages = make_pages(false);
    for (unsigned jobs = 1; jobs <= 3; jobs += 2) {
        const struct cramfs_plan_options options = {
            .page_size = CRAMFS_MIN_PAGE_SIZE,
            .holes = true,
            .compressor = CRAMFS_COMPRESSOR_DEFAULT,
            .level = CRAMFS_DEFAULT_LEVEL,
            .jobs = jobs,
        };
        struct block_store store = {0};
        struct run run;
        begin(&run, pages);
        run.fail_at = 3456;
        struct page_stream *stream = page_stream_create(&options, &store, take_page, &run);
        assert_non_null(stream);
        assert_int_equal(add_all(stream, pages), -77);
        assert_int_equal(run.taken, 3456);
        page_stream_free(stream);
        block_store_free(&store);
    }
    free(pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_pages_become_one_block_for_any_number_of_workers),
        cmocka_unit_test(what_the_taker_refuses_ends_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
