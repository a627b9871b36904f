/*
 * Bytes of an image that shares most of them with another one: whatever is asked for, and in
 * whatever order, it is what was put there.
 */
#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "format/bytes.h"
#include "read/open/open.h"

enum { SEED = 20261128, PIECES = 9, MOST_BYTES = PIECES * SHARED_PIECE, TRIALS = 40, ASKED = 200 };

static unsigned char other_bytes[MOST_BYTES];
static unsigned char wanted[MOST_BYTES];

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* The pieces whose bit is set differ in one byte, so that also the first or last one counts. */
static void make_bytes(uint64_t *state, unsigned differing)
{
    for (size_t i = 0; i < MOST_BYTES; i++)
        other_bytes[i] = (unsigned char)next_random(state);
    memcpy(wanted, other_bytes, MOST_BYTES);
    for (unsigned i = 0; i < PIECES; i++) {
        uint32_t at = next_random(state) % 4 ? next_random(state) % SHARED_PIECE : 0;
        if (differing >> i & 1)
            wanted[i * SHARED_PIECE + at] ^= 1;
    }
}

static struct shared_bytes *share(size_t other_length, size_t length)
{
    const struct cramfs_image other = {.bytes = other_bytes,
                                       .reader = {.known_size = other_length}};
    struct shared_bytes *shared = shared_create(&other, length);
    assert_non_null(shared);
    for (size_t at = 0; at < length; at += SHARED_PIECE)
        shared_put(shared, at, wanted + at,
                   length - at < SHARED_PIECE ? length - at : SHARED_PIECE);
    return shared;
}

/* Asks for ranges of any length, many of which begin or end at a piece's end. */
static bool ask(struct shared_bytes *shared, size_t length, uint64_t state)
{
    for (int i = 0; i < ASKED; i++) {
        size_t begin = next_random(&state) % length;
        if (next_random(&state) % 3 == 0)
            begin -= begin % SHARED_PIECE;
        size_t most = next_random(&state) % 8 ? length - begin : 1;
        size_t count = 1 + next_random(&state) % most;
        if (memcmp(shared_at(shared, begin, count), wanted + begin, count) != 0)
            return false;
    }
    return shared_at(shared, length, 0) != NULL;
}

static void test_each_range_has_its_bytes(void **unused)
{
    uint64_t state = SEED;
    (void)unused;
    printf("seed %d\n", SEED);
    for (unsigned trial = 0; trial < TRIALS; trial++) {
        size_t length = MOST_BYTES - next_random(&state) % (2 * SHARED_PIECE);
        size_t other_length = MOST_BYTES - next_random(&state) % (3 * SHARED_PIECE);
        make_bytes(&state, next_random(&state) & next_random(&state));
        struct shared_bytes *shared = share(other_length, length);
        assert_true(ask(shared, length, state));
        shared_free(shared);
    }
}

static void test_equal_bytes_are_not_copied(void **unused)
{
    uint64_t state = SEED;
    (void)unused;
    make_bytes(&state, 1 << 3);
    struct shared_bytes *shared = share(MOST_BYTES, MOST_BYTES);
    assert_ptr_equal(shared_at(shared, 0, 3 * SHARED_PIECE), other_bytes);
    assert_ptr_equal(shared_at(shared, 4 * SHARED_PIECE, 5), other_bytes + 4 * SHARED_PIECE);
    assert_ptr_not_equal(shared_at(shared, 3 * SHARED_PIECE, 5), other_bytes + 3 * SHARED_PIECE);
    shared_free(shared);
}

static void test_no_length_and_no_other_bytes(void **unused)
{
    static const struct cramfs_image none;
    (void)unused;
    assert_null(shared_create(&none, 0));
    struct shared_bytes *shared = shared_create(&none, 10);
    assert_non_null(shared);
    shared_put(shared, 0, "0123456789", 10);
    assert_memory_equal(shared_at(shared, 3, 4), "3456", 4);
    shared_free(shared);
    shared_free(NULL);
}

/* The end of a whole number of pieces belongs to none; the other image may end long before it. */
static void test_no_bytes_at_the_end(void **unused)
{
    const size_t others[] = {0, SHARED_PIECE};
    uint64_t state = SEED;
    (void)unused;
    make_bytes(&state, 0x1ff);
    for (size_t i = 0; i < 2; i++) {
        const struct cramfs_image other = {.bytes = others[i] ? other_bytes : NULL,
                                           .reader = {.known_size = others[i]}};
        struct shared_bytes *shared = shared_create(&other, MOST_BYTES);
        assert_non_null(shared);
        for (size_t at = 0; at < MOST_BYTES; at += SHARED_PIECE)
            shared_put(shared, at, wanted + at, SHARED_PIECE);
        const unsigned char *end = shared_at(shared, 0, MOST_BYTES) + MOST_BYTES;
        assert_ptr_equal(shared_at(shared, MOST_BYTES, 0), end);
        shared_free(shared);
    }
}

/* So much is only claimed: by a hole of a sparse file, past the end of the other image. */
static void test_zeroes_take_no_memory(void **unused)
{
#ifdef __linux__
    enum { LARGE = 1 << 28, MOST_KIB = 1 << 15 };
    static const unsigned char zeroes[SHARED_PIECE];
    const struct cramfs_image other = {.bytes = other_bytes, .reader = {.known_size = 100}};
    struct rusage before;
    struct rusage after;
    (void)unused;
    struct shared_bytes *shared = shared_create(&other, LARGE);
    assert_non_null(shared);
    getrusage(RUSAGE_SELF, &before);
    for (uint64_t at = 0; at < LARGE; at += SHARED_PIECE)
        shared_put(shared, at, zeroes, SHARED_PIECE);
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_maxrss - before.ru_maxrss < MOST_KIB);
    assert_memory_equal(shared_at(shared, 0, SHARED_PIECE), zeroes, SHARED_PIECE);
    shared_free(shared);
#else
    (void)unused;
    skip();
#endif
}

/* A file can change after its first bytes were read, and then begin with swapped ones. */
static void test_bytes_that_are_swapped_after_all(void **unused)
{
    enum { LENGTH = 4096 };
    const struct cramfs_open_options options = {.page_size = 4096};
    unsigned char bytes[LENGTH] = {0x28, 0xcd, 0x3d, 0x45};
    struct cramfs_image image;
    (void)unused;
    memcpy(other_bytes, bytes, LENGTH);
    memcpy(bytes + 16, CRAMFS_SIGNATURE, strlen(CRAMFS_SIGNATURE));
    cramfs_swap_copy(CRAMFS_SWAP_16, wanted, bytes, LENGTH);
    struct shared_bytes *shared = share(LENGTH, LENGTH);
    const struct file_window window = {.length = LENGTH, .file_size = LENGTH, .shared = shared};
    assert_int_equal(open_window(&window, &options, &image, NULL), 0);
    shared_free(shared);
    assert_int_equal(image.swap, CRAMFS_SWAP_16);
    assert_memory_equal(cramfs_image_bytes(&image, 0, image.reader.size), bytes,
                        (size_t)image.reader.size);
    cramfs_image_close(&image);
}

struct asking {
    struct shared_bytes *shared;
    uint64_t state;
    bool right;
};

static void *ask_in_thread(void *argument)
{
    struct asking *asking = argument;
    asking->right = ask(asking->shared, MOST_BYTES, asking->state);
    return NULL;
}

static void test_several_threads_ask_at_once(void **unused)
{
    enum { THREADS = 4 };
    uint64_t state = SEED;
    (void)unused;
    for (unsigned trial = 0; trial < TRIALS; trial++) {
        pthread_t threads[THREADS];
        struct asking asking[THREADS];
        make_bytes(&state, 0x0aa);
        struct shared_bytes *shared = share(MOST_BYTES, MOST_BYTES);
        for (unsigned i = 0; i < THREADS; i++) {
            asking[i] = (struct asking){shared, state + i, false};
            assert_int_equal(pthread_create(&threads[i], NULL, ask_in_thread, &asking[i]), 0);
        }
        for (unsigned i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            assert_true(asking[i].right);
        }
        shared_free(shared);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_range_has_its_bytes),
        cmocka_unit_test(test_equal_bytes_are_not_copied),
        cmocka_unit_test(test_no_length_and_no_other_bytes),
        cmocka_unit_test(test_no_bytes_at_the_end),
        cmocka_unit_test(test_zeroes_take_no_memory),
        cmocka_unit_test(test_bytes_that_are_swapped_after_all),
        cmocka_unit_test(test_several_threads_ask_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
