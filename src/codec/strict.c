#include "codec/strict.h"

#include <stdint.h>
#include <string.h>

/*
 * From RFC 1951. The lengths of a dynamic block's codes are themselves encoded, with the code
 * length code. The code of literals also has symbols for the end of a block and for the
 * lengths of matches.
 */
enum {
    STORED = 0, /* kinds of blocks */
    DYNAMIC = 2,
    LENGTH_SYMBOLS = 19, /* of the code length code */
    LITERALS = 286,      /* with more, reserved symbols would have codes */
    DISTANCES = 30,      /* the same */
    END_OF_BLOCK = 256,  /* a literal that must have a code */
    LONGEST_CODE = 15,   /* in bits */
    LONGEST_LENGTH_CODE = 7,
    ZLIB_HEADER_BITS = 16,
};

struct bits {
    const unsigned char *from;
    size_t length;
    size_t next; /* in bits */
};

/* The next bits, at least 16, not consumed; zeroes after the end. */
static uint32_t next_bits(const struct bits *bits)
{
    uint32_t word = 0;
    size_t at = bits->next / 8;
    for (unsigned i = 0; i < 3 && at + i < bits->length; i++)
        word |= (uint32_t)bits->from[at + i] << 8 * i;
    return word >> bits->next % 8;
}

static unsigned take(struct bits *bits, unsigned count)
{
    unsigned value = next_bits(bits) & ((1u << count) - 1);
    bits->next += count;
    return value;
}

/* Whether every sequence of bits is a symbol. */
static bool is_complete(const unsigned char *lengths, size_t count)
{
    uint32_t used = 0;
    for (size_t i = 0; i < count; i++)
        used += lengths[i] ? 1u << (LONGEST_CODE - lengths[i]) : 0;
    return used == 1u << LONGEST_CODE;
}

/* A symbol of the code length code, and the bits that its code takes. */
struct decoded {
    unsigned char symbol, bits;
};

/*
 * Makes a table that gives the symbol for the next 7 bits of a stream. `lengths` are those of a
 * complete code, so every entry is set.
 */
static void make_decoder(const unsigned char lengths[LENGTH_SYMBOLS],
                         struct decoded decoder[1 << LONGEST_LENGTH_CODE])
{
    unsigned code = 0;
    for (unsigned bits = 1; bits <= LONGEST_LENGTH_CODE; bits++, code <<= 1)
        for (unsigned symbol = 0; symbol < LENGTH_SYMBOLS; symbol++) {
            if (lengths[symbol] != bits)
                continue;
            unsigned reversed = 0; /* codes are stored with their first bit lowest */
            for (unsigned i = 0; i < bits; i++)
                reversed |= (code >> i & 1) << (bits - 1 - i);
            for (unsigned at = reversed; at < 1 << LONGEST_LENGTH_CODE; at += 1u << bits)
                decoder[at] = (struct decoded){(unsigned char)symbol, (unsigned char)bits};
            code++;
        }
}

/*
 * Reads the lengths of both codes, `count` in all. False when a repetition goes past the last one,
 * or has no length before it to repeat.
 */
static bool read_lengths(struct bits *bits, const struct decoded *decoder, unsigned char *lengths,
                         size_t count)
{
    size_t at = 0;
    while (at < count) {
        struct decoded decoded = decoder[next_bits(bits) & ((1u << LONGEST_LENGTH_CODE) - 1)];
        bits->next += decoded.bits;
        size_t times = 1;
        unsigned char length = decoded.symbol;
        if (length > LONGEST_CODE) {
            if (length == 16 && !at)
                return false;
            times = length == 16   ? 3 + take(bits, 2)
                    : length == 17 ? 3 + take(bits, 3)
                                   : 11 + take(bits, 7);
            length = length == 16 ? lengths[at - 1] : 0;
        }
        if (times > count - at)
            return false;
        memset(lengths + at, length, times);
        at += times;
    }
    return true;
}

static bool codes_are_strict(struct bits *bits)
{
    static const unsigned char order[LENGTH_SYMBOLS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                        11, 4,  12, 3, 13, 2, 14, 1, 15};
    unsigned char length_code[LENGTH_SYMBOLS] = {0};
    unsigned char lengths[LITERALS + DISTANCES];
    struct decoded decoder[1 << LONGEST_LENGTH_CODE];
    size_t literals = 257 + take(bits, 5);
    size_t distances = 1 + take(bits, 5);
    size_t count = 4 + take(bits, 4);
    if (literals > LITERALS || distances > DISTANCES)
        return false;
    for (size_t i = 0; i < count; i++)
        length_code[order[i]] = (unsigned char)take(bits, 3);
    if (!is_complete(length_code, LENGTH_SYMBOLS))
        return false;
    make_decoder(length_code, decoder);
    return read_lengths(bits, decoder, lengths, literals + distances) && lengths[END_OF_BLOCK] &&
           is_complete(lengths, literals) && is_complete(lengths + literals, distances);
}

bool stream_is_strict(const unsigned char *stream, size_t length)
{
    struct bits bits = {stream, length, ZLIB_HEADER_BITS};
    bool last = take(&bits, 1);
    unsigned kind = take(&bits, 2);
    return last && (kind == STORED || (kind == DYNAMIC && codes_are_strict(&bits)));
}
