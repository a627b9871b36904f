#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "codec/stream_header.h"
#include "codec/zlib_window.h"
#include "cramfs/codec.h"
#include "cramfs/diag.h"

static const enum cramfs_compressor compressors[] = {
    CRAMFS_COMPRESSOR_LIBDEFLATE, CRAMFS_COMPRESSOR_ZLIB, CRAMFS_COMPRESSOR_ZOPFLI};
enum { PAGE = 4096, SEED = 20261120 };

/* Pages that compress well, badly, and not at all. */
static void fill(unsigned char *page, size_t length, int kind)
{
    for (size_t i = 0; i < length; i++) {
        if (kind == 0)
            page[i] = (unsigned char)(i / 64);
        else if (kind == 1)
            page[i] = (unsigned char)(rand() % 8);
        else
            page[i] = (unsigned char)rand();
    }
}

static void every_level_of_all_is_read_by_zlib_and_by_us(void **state)
{
    (void)state;
    srand(SEED);
    printf("seed %d\n", SEED);
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    for (size_t i = 0; i < COUNT(compressors); i++) {
        int highest = cramfs_compressor_max_level(compressors[i]);
        for (int level = 1; level <= highest; level++) {
            struct cramfs_deflater *deflater = cramfs_deflater_create(compressors[i], level);
            assert_non_null(deflater);
            for (int kind = 0; kind < 3; kind++) {
                unsigned char page[PAGE], packed[PAGE + 100], back[PAGE];
                size_t size = (size_t)(1 + rand() % PAGE), used, written;
                fill(page, size, kind);
                size_t length =
                    cramfs_deflate(deflater, page, size, packed, cramfs_deflate_bound(size));
                assert_true(length > 0 && length <= cramfs_deflate_bound(size));
                assert_int_equal(
                    cramfs_inflate(inflater, packed, length, back, PAGE, &used, &written), 0);
                assert_int_equal(used, length);
                assert_int_equal(written, size);
                assert_memory_equal(back, page, size);
                uLongf second = PAGE;
                assert_int_equal(uncompress(back, &second, packed, length), Z_OK);
                assert_int_equal(second, size);
            }
            cramfs_deflater_free(deflater);
        }
        assert_null(cramfs_deflater_create(compressors[i], highest + 1));
        assert_null(cramfs_deflater_create(compressors[i], 0));
    }
    cramfs_inflater_free(inflater);
}

static void what_does_not_fit_is_not_written(void **state)
{
    (void)state;
    srand(SEED);
    unsigned char page[PAGE], packed[PAGE];
    for (size_t i = 0; i < COUNT(compressors); i++) {
        if (!cramfs_compressor_name(compressors[i]))
            continue;
        fill(page, PAGE, 2);
        struct cramfs_deflater *deflater = cramfs_deflater_create(compressors[i], 6);
        assert_int_equal(cramfs_deflate(deflater, page, PAGE, packed, PAGE - 1), 0);
        assert_int_equal(cramfs_deflate(deflater, page, 1, packed, 0), 0);
        /* And the deflater is as good as new after that. */
        fill(page, PAGE, 0);
        assert_true(cramfs_deflate(deflater, page, PAGE, packed, PAGE - 1) > 0);
        cramfs_deflater_free(deflater);
    }
}

static void bytes_behind_the_stream_are_told(void **state)
{
    (void)state;
    unsigned char page[PAGE] = {1, 2, 3}, packed[PAGE] = {0}, back[PAGE];
    struct cramfs_deflater *deflater = cramfs_deflater_create(CRAMFS_COMPRESSOR_DEFAULT, 6);
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    size_t length = cramfs_deflate(deflater, page, PAGE, packed, PAGE);
    size_t used, written;
    assert_int_equal(cramfs_inflate(inflater, packed, length + 10, back, PAGE, &used, &written), 0);
    assert_int_equal(used, length);
    assert_int_equal(written, PAGE);
    cramfs_inflater_free(inflater);
    cramfs_deflater_free(deflater);
}

static void broken_streams_are_refused(void **state)
{
    (void)state;
    unsigned char page[PAGE] = {1, 2, 3}, packed[PAGE] = {0}, back[PAGE];
    struct cramfs_deflater *deflater = cramfs_deflater_create(CRAMFS_COMPRESSOR_DEFAULT, 6);
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    size_t length = cramfs_deflate(deflater, page, PAGE, packed, PAGE);
    size_t used, written;
    assert_int_equal(cramfs_inflate(inflater, packed, length - 1, back, PAGE, &used, &written),
                     -CRAMFS_ERR_FORMAT); /* cut */
    assert_int_equal(cramfs_inflate(inflater, packed, length, back, PAGE - 1, &used, &written),
                     -CRAMFS_ERR_LIMIT); /* more than there is room for */
    packed[length - 1] ^= 1;
    assert_int_equal(cramfs_inflate(inflater, packed, length, back, PAGE, &used, &written),
                     -CRAMFS_ERR_FORMAT); /* the checksum */
    cramfs_inflater_free(inflater);
    cramfs_deflater_free(deflater);
}

/* What zlib makes of a stream. */
static int zlib_result(const unsigned char *from, size_t length, size_t capacity, size_t *written)
{
    unsigned char to[PAGE];
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)from,
                       .avail_in = (uInt)length,
                       .next_out = to,
                       .avail_out = (uInt)capacity};
    assert_int_equal(inflateInit(&stream), Z_OK);
    int result = inflate(&stream, Z_FINISH);
    bool no_room = result == Z_BUF_ERROR && !stream.avail_out && stream.avail_in;
    *written = stream.total_out;
    inflateEnd(&stream);
    return result == Z_STREAM_END ? 0 : no_room ? -CRAMFS_ERR_LIMIT : -CRAMFS_ERR_FORMAT;
}

/* Cut at each byte, with too little room, and with a bit changed. */
static void every_stream_is_judged_as_zlib_does(void **state)
{
    (void)state;
    srand(SEED);
    struct cramfs_deflater *deflater = cramfs_deflater_create(CRAMFS_COMPRESSOR_DEFAULT, 6);
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    for (int i = 0; i < 60; i++) {
        unsigned char page[PAGE], packed[2 * PAGE], back[PAGE];
        fill(page, PAGE, i % 3);
        size_t length =
            cramfs_deflate(deflater, page, 1 + (size_t)rand() % PAGE, packed, sizeof(packed));
        for (size_t cut = 0; cut <= length; cut += 1 + length / 300) {
            size_t used, written, expected, room = cut % 5 ? PAGE : (size_t)rand() % PAGE;
            unsigned bit = cut % 3 ? 0 : 16 + (unsigned)rand() % 600;
            size_t given = cut % 2 ? length : cut;
            if (bit && bit / 8 < length)
                packed[bit / 8] ^= (unsigned char)(1u << bit % 8);
            int result = zlib_result(packed, given, room, &expected);
            assert_int_equal(cramfs_inflate(inflater, packed, given, back, room, &used, &written),
                             result);
            if (!result)
                assert_int_equal(written, expected);
            if (bit && bit / 8 < length)
                packed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
    }
    cramfs_inflater_free(inflater);
    cramfs_deflater_free(deflater);
}

/* With every compressor and level, so with stored blocks and those of fixed and dynamic codes. */
static void the_first_byte_of_a_stream_is_known_without_inflating(void **state)
{
    (void)state;
    srand(SEED);
    int known = 0;
    int streams = 0;
    for (size_t i = 0; i < COUNT(compressors); i++) {
        for (int level = 1; level <= cramfs_compressor_max_level(compressors[i]); level++) {
            struct cramfs_deflater *deflater = cramfs_deflater_create(compressors[i], level);
            int turns = compressors[i] == CRAMFS_COMPRESSOR_ZOPFLI ? 6 : 300; /* zopfli is slow */
            for (int turn = 0; turn < turns; turn++) {
                unsigned char page[PAGE], packed[PAGE + 100];
                size_t size = 1 + (size_t)rand() % (turn % 2 ? 40 : PAGE);
                fill(page, size, turn % 3);
                page[0] = (unsigned char)rand();
                size_t length =
                    cramfs_deflate(deflater, page, size, packed, cramfs_deflate_bound(size));
                int first = stream_first_byte(packed, length);
                assert_true(first == -1 || first == page[0]);
                known += first >= 0;
                streams++;
                packed[2 + (size_t)rand() % (length - 2)] ^= (unsigned char)rand();
                first = stream_first_byte(packed, (size_t)rand() % length); /* anything */
                assert_true(first >= -1 && first < 256);
            }
            cramfs_deflater_free(deflater);
        }
    }
    assert_int_equal(known, streams);
}

static bool memory_ended;

static voidpf allocate_until_memory_ends(voidpf opaque, uInt count, uInt size)
{
    (void)opaque;
    return memory_ended ? NULL : calloc(count, size);
}

static void free_allocated(voidpf opaque, voidpf bytes)
{
    (void)opaque;
    free(bytes);
}

/* A stream in pieces needs zlib's window. Without memory, it would be reported as damaged. */
static void inflating_allocates_nothing(void **state)
{
    (void)state;
    static unsigned char from[100000], packed[110000], back[1000];
    for (size_t i = 0; i < sizeof(from); i++)
        from[i] = (unsigned char)(i % 1000 * i);
    for (int raw = 0; raw < 2; raw++) {
        z_stream out = {0}, in = {.zalloc = allocate_until_memory_ends, .zfree = free_allocated};
        int bits = raw ? -MAX_WBITS : MAX_WBITS;
        size_t made = 0;
        int result;
        assert_int_equal(deflateInit2(&out, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
        out.next_in = from, out.avail_in = sizeof(from);
        out.next_out = packed, out.avail_out = sizeof(packed);
        assert_int_equal(deflate(&out, Z_FINISH), Z_STREAM_END);
        memory_ended = false;
        assert_true(start_inflating(&in, bits));
        memory_ended = true;
        in.next_in = packed, in.avail_in = (uInt)out.total_out;
        do {
            in.next_out = back, in.avail_out = sizeof(back);
            result = inflate(&in, Z_NO_FLUSH);
            assert_memory_equal(back, from + made, sizeof(back) - in.avail_out);
            made += sizeof(back) - in.avail_out;
        } while (result == Z_OK);
        assert_int_equal(result, Z_STREAM_END);
        assert_int_equal(made, sizeof(from));
        inflateEnd(&in);
        deflateEnd(&out);
    }
    z_stream in = {.zalloc = allocate_until_memory_ends, .zfree = free_allocated};
    assert_false(start_inflating(&in, MAX_WBITS));
}

static void crc_is_that_of_zlib_in_any_pieces(void **state)
{
    (void)state;
    srand(SEED);
    unsigned char bytes[10000];
    fill(bytes, sizeof(bytes), 2);
    uint32_t expected = (uint32_t)crc32(0, bytes, sizeof(bytes));
    for (size_t cut = 0; cut <= sizeof(bytes); cut += 777)
        assert_int_equal(
            cramfs_crc32(cramfs_crc32(0, bytes, cut), bytes + cut, sizeof(bytes) - cut), expected);
}

/* Text of a few words, of 16 to 2048 bytes: where optimal parsing alone loses to lazy matching. */
static size_t fill_words(unsigned char *page)
{
    static const char *const words[] = {"the ", "kernel ", "maps ", "pages ",
                                        "of ",  "flash ",  "in "};
    size_t length = 16 + (size_t)rand() % 2033;
    for (size_t at = 0; at < length;) {
        const char *word = words[(size_t)rand() % COUNT(words)];
        size_t piece = strlen(word) < length - at ? strlen(word) : length - at;
        memcpy(page + at, word, piece);
        at += piece;
    }
    return length;
}

static void a_higher_level_is_not_larger_on_short_blocks(void **state)
{
    (void)state;
    if (!cramfs_compressor_name(CRAMFS_COMPRESSOR_LIBDEFLATE))
        skip();
    srand(SEED);
    printf("seed %d\n", SEED);
    static const int levels[] = {6, 10, 11, 12};
    struct cramfs_deflater *deflaters[COUNT(levels)];
    for (size_t i = 0; i < COUNT(levels); i++)
        deflaters[i] = cramfs_deflater_create(CRAMFS_COMPRESSOR_LIBDEFLATE, levels[i]);
    for (int round = 0; round < 500; round++) {
        unsigned char page[PAGE], packed[PAGE + 100];
        size_t size = fill_words(page);
        size_t lengths[COUNT(levels)];
        for (size_t i = 0; i < COUNT(levels); i++)
            lengths[i] =
                cramfs_deflate(deflaters[i], page, size, packed, cramfs_deflate_bound(size));
        for (size_t i = 1; i < COUNT(levels); i++)
            assert_true(lengths[i] <= lengths[0]);
    }
    for (size_t i = 0; i < COUNT(levels); i++)
        cramfs_deflater_free(deflaters[i]);
}

static size_t smallest_of_default(const unsigned char *page, size_t size)
{
    unsigned char packed[PAGE + 100];
    int level = cramfs_compressor_max_level(CRAMFS_COMPRESSOR_DEFAULT);
    struct cramfs_deflater *deflater = cramfs_deflater_create(CRAMFS_COMPRESSOR_DEFAULT, level);
    size_t length = cramfs_deflate(deflater, page, size, packed, cramfs_deflate_bound(size));
    cramfs_deflater_free(deflater);
    return length;
}

static void zopfli_is_never_larger_than_the_default_and_always_the_same(void **state)
{
    (void)state;
    if (!cramfs_compressor_name(CRAMFS_COMPRESSOR_ZOPFLI))
        skip();
    srand(SEED);
    printf("seed %d\n", SEED);
    for (int round = 0; round < 4; round++) {
        unsigned char page[PAGE], first[PAGE + 100], second[PAGE + 100];
        size_t size = (size_t)(1 + rand() % PAGE);
        if (round % 4 == 3)
            size = fill_words(page);
        else
            fill(page, size, round % 4);
        struct cramfs_deflater *one = cramfs_deflater_create(CRAMFS_COMPRESSOR_ZOPFLI, 1);
        struct cramfs_deflater *two = cramfs_deflater_create(CRAMFS_COMPRESSOR_ZOPFLI, 2);
        size_t length = cramfs_deflate(two, page, size, first, cramfs_deflate_bound(size));
        assert_in_range(length, 1, smallest_of_default(page, size));
        cramfs_deflate(two, page, size / 2 + 1, second, cramfs_deflate_bound(size / 2 + 1));
        assert_int_equal(cramfs_deflate(two, page, size, second, cramfs_deflate_bound(size)),
                         length);
        assert_memory_equal(first, second, length);
        length = cramfs_deflate(one, page, size, first, cramfs_deflate_bound(size));
        assert_in_range(length, 1, smallest_of_default(page, size));
        assert_int_equal(cramfs_deflate(one, page, size, second, length), length);
        assert_int_equal(cramfs_deflate(one, page, size, second, length - 1), 0);
        cramfs_deflater_free(one);
        cramfs_deflater_free(two);
    }
}

/* A member with every optional part of a header; returns its length. */
static size_t make_gzip(const unsigned char *bytes, size_t length, unsigned char *to, size_t room)
{
    z_stream stream = {0};
    unsigned char extra[300] = "extra";
    unsigned char name[] = "name";
    unsigned char comment[] = "a comment";
    gz_header header = {
        .extra = extra, .extra_len = sizeof(extra), .name = name, .comment = comment, .hcrc = 1};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflateSetHeader(&stream, &header), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)length;
    stream.next_out = to;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t written = stream.total_out;
    deflateEnd(&stream);
    return written;
}

/* Feeds pieces of `in` bytes and takes pieces of `out`; returns how many members ended, or -1. */
static int gunzip_in_pieces(const unsigned char *from, size_t length, size_t in, size_t out,
                            unsigned char *to, size_t *made)
{
    struct cramfs_gunzip *gunzip = cramfs_gunzip_create();
    int members = 0;
    size_t at = 0;
    *made = 0;
    for (bool idle = false; !idle && members >= 0;) {
        size_t used;
        size_t written;
        bool ended;
        size_t piece = length - at < in ? length - at : in;
        if (cramfs_gunzip(gunzip, from + at, piece, to + *made, out, &used, &written, &ended) != 0)
            members = -1;
        else
            members += ended;
        at += used;
        *made += written;
        idle = at == length && !written;
    }
    assert_true(members >= 0 || cramfs_gunzip_fault(gunzip));
    cramfs_gunzip_free(gunzip);
    return members;
}

static void gzip_members_are_read_in_any_pieces_and_no_flipped_bit_changes_them(void **state)
{
    (void)state;
    srand(SEED);
    unsigned char page[PAGE], packed[2 * PAGE + 2000], back[3 * PAGE + 64];
    fill(page, 600, 1);
    size_t length = make_gzip(page, 600, packed, sizeof(packed));
    length += make_gzip(page, 600, packed + length, sizeof(packed) - length);
    size_t made;
    for (size_t in = 1; in < 40; in += 3) {
        assert_int_equal(gunzip_in_pieces(packed, length, in, in % 7 + 1, back, &made), 2);
        assert_int_equal(made, 1200);
        assert_memory_equal(back, page, 600);
        assert_memory_equal(back + 600, page, 600);
    }
    unsigned passed = 0; /* bits that fill up the last byte of a deflate stream */
    for (size_t bit = 0; bit < length * 8; bit++) {
        packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        if (gunzip_in_pieces(packed, length, length, 60, back, &made) == 2) {
            assert_memory_equal(back, page, 600);
            assert_memory_equal(back + 600, page, 600);
            passed++;
        }
        packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_true(passed < 16);
    for (size_t cut = 0; cut < length; cut++)
        assert_true(gunzip_in_pieces(packed, cut, cut + 1, 60, back, &made) < 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_members_are_read_in_any_pieces_and_no_flipped_bit_changes_them),
        cmocka_unit_test(every_level_of_all_is_read_by_zlib_and_by_us),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(bytes_behind_the_stream_are_told),
        cmocka_unit_test(broken_streams_are_refused),
        cmocka_unit_test(a_higher_level_is_not_larger_on_short_blocks),
        cmocka_unit_test(every_stream_is_judged_as_zlib_does),
        cmocka_unit_test(the_first_byte_of_a_stream_is_known_without_inflating),
        cmocka_unit_test(inflating_allocates_nothing),
        cmocka_unit_test(zopfli_is_never_larger_than_the_default_and_always_the_same),
        cmocka_unit_test(crc_is_that_of_zlib_in_any_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
