/*
 * A mutator for formats of 32-bit words: images, and ELF files of that class.
 *
 * libFuzzer's own changes are of bytes; here half of the changes are of aligned words. A word gets
 * the value of another one (an offset that means something elsewhere), changes a little, gets or
 * loses the bits that make a block pointer direct or stored, or gets the largest value of a field.
 * Most are where superblock, entries and tables are. CRC and Adler-32 stay wrong: the checker
 * continues in spite of these.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed);

enum { HEADERS = 1024 }; /* nearly all fields are in this many bytes at the beginning */

/* Its own random numbers, so that a run depends only on libFuzzer's seed. */
static uint32_t next_number(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)*state * below) >> 32);
}

static uint32_t pick(uint32_t *state, const uint32_t *from, size_t count)
{
    return from[next_number(state, (uint32_t)count)];
}

static uint32_t change(uint32_t *state, uint32_t word, uint32_t other, uint32_t size)
{
    static const uint32_t steps[] = {1, 2, 4, 12, 16, 64, 256, 768, 4096, 0x10000, 0x100000};
    static const uint32_t ends[] = {0,          1,          0xffff,     0xffffff,
                                    0x03ffffff, 0x3fffffff, 0x40000000, 0x7fffffff,
                                    0x80000000, 0xc0000000, 0xfffffffc, 0xffffffff};
    switch (next_number(state, 6)) {
    case 0:
        return other;
    case 1:
        return word + pick(state, steps, sizeof(steps) / sizeof(*steps));
    case 2:
        return word - pick(state, steps, sizeof(steps) / sizeof(*steps));
    case 3:
        return word ^ (1 + next_number(state, 3)) << 30;
    case 4:
        return pick(state, ends, sizeof(ends) / sizeof(*ends));
    default: /* somewhere in the file: as an end, a start, or an inode's offset in units of 4 */
        return next_number(state, size) << (next_number(state, 2) ? 0 : 4) | next_number(state, 4)
                                                                                 << 30;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed)
{
    uint32_t state = seed;
    next_number(&state, 2);
    if (size < 8 || next_number(&state, 2))
        return LLVMFuzzerMutate(bytes, size, most);
    uint32_t words = (uint32_t)(size / 4);
    uint32_t near = words < HEADERS / 4 ? words : HEADERS / 4;
    for (uint32_t times = 1 + next_number(&state, 3); times; times--) {
        size_t at = next_number(&state, next_number(&state, 8) ? near : words) * (size_t)4;
        size_t from = next_number(&state, near) * (size_t)4;
        uint32_t word, other;
        memcpy(&word, bytes + at, 4);
        memcpy(&other, bytes + from, 4);
        int swap = next_number(&state, 2) != 0; /* the fields of big-endian files */
        if (swap)
            word = __builtin_bswap32(word);
        word = change(&state, word, swap ? __builtin_bswap32(other) : other, (uint32_t)size);
        if (swap)
            word = __builtin_bswap32(word);
        memcpy(bytes + at, &word, 4);
    }
    return size;
}
