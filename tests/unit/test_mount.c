/*
 * A mounted image, without a mount: names, attributes, and many readers at once.
 */
#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/cramfs.h"
#include "read/mount/attributes.h"
#include "read/mount/nodes.h"
#include "read/mount/page_cache.h"
#include "read/mount/pages.h"

enum { READERS = 8, READS = 2000, FILES = 5, LARGEST = 300000 };

/* An image of some files, opened as for a mount. */
struct scene {
    unsigned char *files[FILES];
    size_t sizes[FILES];
    unsigned char *bytes;
    struct cramfs_image image;
    struct cramfs_survey survey;
    struct nodes nodes;
    struct pages *pages;
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Pages of zeroes, of noise, and of bytes that compress. */
static unsigned char *make_file(size_t size, uint32_t seed)
{
    unsigned char *file = calloc(size, 1);
    assert_non_null(file);
    for (size_t at = 0; at < size; at++) {
        size_t kind = (at / 4096 + seed) % 3;
        file[at] = kind == 0 ? 0 : (unsigned char)(next_random(&seed) & (kind == 1 ? 0xff : 3));
    }
    return file;
}

static void pack(struct scene *scene, uint32_t page_size)
{
    struct cramfs_tree *tree = cramfs_tree_create();
    assert_non_null(tree);
    for (unsigned i = 0; i < FILES; i++) {
        char path[32];
        snprintf(path, sizeof(path), "d/f%u", i);
        scene->sizes[i] = LARGEST - i * 70001;
        scene->files[i] = make_file(scene->sizes[i], i);
        assert_int_equal(
            cramfs_tree_put_file(tree, path, 0644, scene->files[i], scene->sizes[i], NULL, NULL),
            0);
    }
    assert_int_equal(cramfs_tree_put_link(tree, "l", "d/f0", NULL, NULL), 0);
    struct cramfs_plan_options options;
    cramfs_plan_options_init(&options);
    options.page_size = page_size;
    struct cramfs_plan *plan;
    assert_int_equal(cramfs_plan_create(tree, &options, NULL, &plan), 0);
    size_t size = (size_t)cramfs_plan_summary(plan)->image_size;
    scene->bytes = malloc(size);
    assert_non_null(scene->bytes);
    assert_int_equal(cramfs_plan_write_memory(plan, scene->bytes, NULL), 0);
    cramfs_plan_free(plan);
    cramfs_tree_free(tree);
    const struct cramfs_open_options open = {.page_size = page_size};
    assert_int_equal(cramfs_image_open_memory(scene->bytes, size, &open, &scene->image, NULL), 0);
}

static void set_up(struct scene *scene, uint32_t page_size)
{
    pack(scene, page_size);
    assert_int_equal(cramfs_survey(&scene->image, NULL, &scene->survey), 0);
    assert_int_equal(nodes_create(&scene->survey.entries, &scene->nodes), 0);
    scene->pages = pages_create(&scene->image);
    assert_non_null(scene->pages);
}

static void tear_down(struct scene *scene)
{
    pages_free(scene->pages);
    nodes_free(&scene->nodes);
    cramfs_survey_free(&scene->survey);
    cramfs_image_close(&scene->image);
    free(scene->bytes);
    for (unsigned i = 0; i < FILES; i++)
        free(scene->files[i]);
}

static const struct cramfs_inode *inode_at(const struct scene *scene, uint32_t number)
{
    assert_int_not_equal(number, CRAMFS_NO_ENTRY);
    return &scene->survey.entries.list[number].inode;
}

static void names_are_found_in_their_directory_alone(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 4096);
    uint32_t directory = nodes_find(&scene.nodes, 0, "d", 1);
    assert_int_equal(nodes_count(&scene.nodes, 0), 2);
    assert_int_equal(nodes_count(&scene.nodes, directory), FILES);
    assert_int_equal(nodes_find(&scene.nodes, directory, "f3", 2),
                     nodes_child(&scene.nodes, directory, 3));
    assert_int_equal(nodes_find(&scene.nodes, 0, "f3", 2), CRAMFS_NO_ENTRY);
    assert_int_equal(nodes_find(&scene.nodes, directory, "f", 1), CRAMFS_NO_ENTRY);
    assert_int_equal(nodes_find(&scene.nodes, directory, "d", 1), CRAMFS_NO_ENTRY);
    assert_false(nodes_incomplete(&scene.nodes, 0));
    char *target;
    uint32_t link = nodes_find(&scene.nodes, 0, "l", 1);
    assert_int_equal(pages_target(scene.pages, inode_at(&scene, link), &target), 0);
    assert_string_equal(target, "d/f0");
    free(target);
    tear_down(&scene);
}

static void attributes_are_those_of_the_kernel(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 4096);
    uint32_t directory = nodes_find(&scene.nodes, 0, "d", 1);
    uint32_t file = nodes_child(&scene.nodes, directory, 0);
    struct stat status;
    attributes_of_entry(&scene.image, &scene.survey.entries, file, &status);
    assert_int_equal(status.st_ino, inode_at(&scene, file)->offset);
    assert_int_equal(status.st_size, scene.sizes[0]);
    assert_int_equal(status.st_blocks, (scene.sizes[0] + 511) / 512);
    assert_int_equal(status.st_nlink, 1);
    attributes_of_entry(&scene.image, &scene.survey.entries, 0, &status);
    assert_int_equal(status.st_mode & 0555, 0555);
    assert_int_equal(status.st_ino, 76);
    tear_down(&scene);
}

struct reader {
    struct scene *scene;
    uint32_t seed;
    unsigned wrong;
};

static void *read_at_random(void *context)
{
    struct reader *reader = context;
    struct scene *scene = reader->scene;
    unsigned char *piece = malloc(LARGEST);
    uint32_t directory = nodes_find(&scene->nodes, 0, "d", 1);
    for (unsigned i = 0; piece && i < READS; i++) {
        unsigned file = next_random(&reader->seed) % FILES;
        size_t size = scene->sizes[file];
        size_t from = next_random(&reader->seed) % (size + 10);
        size_t length = next_random(&reader->seed) % (i % 50 ? 9000 : LARGEST);
        size_t wanted = from >= size ? 0 : length < size - from ? length : size - from;
        size_t got = SIZE_MAX;
        uint32_t number = nodes_child(&scene->nodes, directory, file);
        int error = pages_read(scene->pages, &scene->survey.entries.list[number].inode, from,
                               length, piece, &got);
        if (error || got != wanted || memcmp(piece, scene->files[file] + from, wanted) != 0)
            reader->wrong++;
    }
    reader->wrong += !piece;
    free(piece);
    return NULL;
}

/* The larger pages come in parts, through the cache; it holds fewer than there are. */
static void many_readers_read_right(void **state)
{
    (void)state;
    for (uint32_t page_size = 4096; page_size <= 65536; page_size *= 4) {
        struct scene scene;
        set_up(&scene, page_size);
        pthread_t threads[READERS];
        struct reader readers[READERS];
        for (unsigned i = 0; i < READERS; i++) {
            readers[i] = (struct reader){&scene, 20261127 + i, 0};
            assert_int_equal(pthread_create(&threads[i], NULL, read_at_random, &readers[i]), 0);
        }
        for (unsigned i = 0; i < READERS; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
            assert_int_equal(readers[i].wrong, 0);
        }
        tear_down(&scene);
    }
}

static void a_cache_keeps_the_newest_pages_and_no_more(void **state)
{
    (void)state;
    enum { PAGE = 16, ROOM = 32, PUT = 1000 };
    unsigned char page[PAGE];
    unsigned char got[PAGE];
    struct page_cache *cache = page_cache_create(ROOM, PAGE);
    assert_non_null(cache);
    unsigned kept = 0;
    for (uint32_t i = 0; i < PUT; i++) {
        const struct page_key key = {100 + i, 5, i % 3};
        memset(page, (int)(i & 0xff), PAGE);
        page_cache_put(cache, &key, page);
        page_cache_put(cache, &key, page); /* again: it takes no more room */
        assert_true(page_cache_get(cache, &key, 3, 4, got));
        assert_memory_equal(got, page, 4);
    }
    for (uint32_t i = 0; i < PUT; i++) {
        const struct page_key key = {100 + i, 5, i % 3};
        const struct page_key other = {100 + i, 6, i % 3};
        kept += page_cache_get(cache, &key, 0, PAGE, got);
        assert_false(page_cache_get(cache, &other, 0, PAGE, got));
    }
    assert_int_equal(kept, ROOM);
    page_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_in_their_directory_alone),
        cmocka_unit_test(attributes_are_those_of_the_kernel),
        cmocka_unit_test(many_readers_read_right),
        cmocka_unit_test(a_cache_keeps_the_newest_pages_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
