#include "subject.h"

#include <string.h>

/*
 * Deflate streams that no compressor makes. Inflaters differ in how strict they are with them:
 * codes that are not complete, symbols that are reserved, and codes that are not used.
 */

enum { LITERALS = 288, DISTANCES = 32, END = 256, LONGEST = 285, LONGEST_LENGTH = 258 };
enum { FIXED = 1, DYNAMIC = 2, FIRST_BYTE = 'a' };

struct code {
    unsigned char length[LITERALS + DISTANCES];
    uint32_t bits[LITERALS + DISTANCES];
};

struct bits {
    unsigned char *to;
    size_t count; /* in bits */
};

static void put_bit(struct bits *bits, uint32_t bit)
{
    if (bits->count % 8 == 0)
        bits->to[bits->count / 8] = 0;
    bits->to[bits->count / 8] |= (unsigned char)((bit & 1) << bits->count % 8);
    bits->count++;
}

/* Numbers go low bit first, codes high bit first. */
static void put_number(struct bits *bits, uint32_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        put_bit(bits, value >> i);
}

static void put_symbol(struct bits *bits, const struct code *code, unsigned symbol)
{
    for (unsigned i = code->length[symbol]; i; i--)
        put_bit(bits, code->bits[symbol] >> (i - 1));
}

/* Canonical codes for symbols [first, end). */
static void assign_codes(struct code *code, unsigned first, unsigned end)
{
    uint32_t next = 0;
    for (unsigned length = 1; length < 16; length++, next <<= 1)
        for (unsigned symbol = first; symbol < end; symbol++)
            if (code->length[symbol] == length)
                code->bits[symbol] = next++;
}

static void fixed_code(struct code *code)
{
    for (unsigned symbol = 0; symbol < LITERALS; symbol++)
        code->length[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
    memset(code->length + LITERALS, 5, DISTANCES);
    assign_codes(code, 0, LITERALS);
    assign_codes(code, LITERALS, LITERALS + DISTANCES);
}

/* Sixteen symbols of four bits: fourteen bytes, the end, and the longest match. One may be missing
 * or too long, or reserved ones be there. */
static void dynamic_code(struct subject *subject, struct code *code, unsigned *literals,
                         unsigned *distances)
{
    *literals = LONGEST + 1;
    *distances = 1 + chance(subject, 2);
    for (unsigned i = 0; i < 14; i++)
        code->length[FIRST_BYTE + i] = 4;
    code->length[END] = code->length[LONGEST] = 4;
    code->length[LITERALS] = 1;
    code->length[LITERALS + 1] = (unsigned char)(*distances - 1);
    switch (chance(subject, 10)) {
    case 0:
        code->length[FIRST_BYTE + 13] = 0;
        break;
    case 1:
        code->length[FIRST_BYTE + 13] = 5;
        break;
    case 2:
        code->length[FIRST_BYTE + 12] = code->length[FIRST_BYTE + 13] = 5;
        code->length[FIRST_BYTE + 14] = code->length[LONGEST + 1] = 5;
        *literals = LONGEST + 2;
        break;
    case 3:
        *distances = 31 + chance(subject, 2);
        break;
    case 4:
        code->length[LITERALS] = 0;
        break;
    case 5: /* three of four codes */
        *distances = 3;
        memset(code->length + LITERALS, 2, 3);
        break;
    default:
        break;
    }
    assign_codes(code, 0, LITERALS);
    assign_codes(code, LITERALS, LITERALS + DISTANCES);
}

/* The lengths, each as a symbol of four bits: all sixteen that are no repetition. */
static void put_header(struct subject *subject, struct bits *bits, const struct code *code,
                       unsigned literals, unsigned distances)
{
    static const unsigned char order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                            11, 4,  12, 3, 13, 2, 14, 1, 15};
    unsigned missing =
        one_in(subject, 12) ? 15 : 16; /* not used, so that its code is not complete */
    put_number(bits, literals - 257, 5);
    put_number(bits, distances - 1, 5);
    put_number(bits, 19 - 4, 4);
    for (unsigned i = 0; i < 19; i++)
        put_number(bits, order[i] < missing ? 4 : 0, 3);
    struct code lengths = {0};
    memset(lengths.length, 4, missing);
    assign_codes(&lengths, 0, 16);
    for (unsigned i = 0; i < literals; i++)
        put_symbol(bits, &lengths, code->length[i]);
    for (unsigned i = 0; i < distances; i++)
        put_symbol(bits, &lengths, code->length[LITERALS + i]);
}

/* Some bytes, then matches with what is one byte before; as many as fit. */
static uint32_t put_block_of(struct subject *subject, struct bits *bits, const struct code *code,
                             unsigned char *bytes, uint32_t at, uint32_t end)
{
    uint32_t matches = chance(subject, 3);
    unsigned longest = LONGEST;
    unsigned distance = LITERALS;
    if (code->length[LONGEST + 1] && one_in(subject, 4))
        longest++;
    if (code->length[LITERALS + 1] && one_in(subject, 16))
        distance++;
    for (uint32_t i = 1 + chance(subject, 40); i && at < end; i--) {
        bytes[at] = (unsigned char)(FIRST_BYTE + chance(subject, 12));
        put_symbol(bits, code, bytes[at++]);
    }
    for (; matches && end - at >= LONGEST_LENGTH; matches--, at += LONGEST_LENGTH) {
        memset(bytes + at, bytes[at - 1], LONGEST_LENGTH);
        put_symbol(bits, code, longest);
        if (one_in(subject, 12) && code->length[LITERALS] == 1 && !code->length[LITERALS + 1])
            put_bit(bits, 1); /* the code without a symbol */
        else
            put_symbol(bits, code, distance);
    }
    put_symbol(bits, code, END);
    return at;
}

static void put_stored(struct subject *subject, struct bits *bits)
{
    uint32_t length = one_in(subject, 20) ? 1 : 0;
    put_number(bits, 0, 3);
    while (bits->count % 8)
        put_bit(bits, one_in(subject, 8));
    put_number(bits, length, 16);
    put_number(bits, 0xffff, 16);
}

uint32_t odd_stream(struct subject *subject, unsigned char *bytes, uint32_t length,
                    unsigned char *stream)
{
    struct bits bits = {stream, 0};
    uint32_t at = 0;
    uint32_t head = 0x78u << 8 | chance(subject, 4) << 6;
    if (one_in(subject, 8)) {
        head = chance(subject, 16) << 12 | 8u << 8;
        head |= chance(subject, 8) << 5;
    }
    put_number(&bits, head >> 8, 8);
    put_number(&bits, (head & 0xff) + (31 - head % 31) % 31, 8);
    for (uint32_t blocks = 1 + chance(subject, 3); blocks; blocks--) {
        struct code code = {0};
        unsigned literals = 0, distances = 0;
        uint32_t kind = one_in(subject, 3) ? FIXED : DYNAMIC;
        if (one_in(subject, 6))
            put_stored(subject, &bits);
        put_bit(&bits, blocks == 1);
        put_number(&bits, kind, 2);
        if (kind == FIXED) {
            fixed_code(&code);
        } else {
            dynamic_code(subject, &code, &literals, &distances);
            put_header(subject, &bits, &code, literals, distances);
        }
        at = put_block_of(subject, &bits, &code, bytes, at, length);
    }
    while (bits.count % 8)
        put_bit(&bits, 0);
    uLong check = adler32(adler32(0, NULL, 0), bytes, at);
    for (unsigned i = 0; i < 4; i++)
        put_number(&bits, (uint32_t)(check >> (24 - 8 * i)) & 0xff, 8);
    memset(bytes + at, 0, length - at);
    return (uint32_t)(bits.count / 8);
}
