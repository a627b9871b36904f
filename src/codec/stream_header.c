#include "codec/stream_header.h"

#include <stdint.h>
#include <string.h>

/*
 * From RFC 1951. The lengths of a dynamic block's codes are themselves encoded, with the code
 * length code. The code of literals also has symbols for the end of a block and for the
 * lengths of matches.
 */
enum {
    STORED = 0, /* kinds of blocks */
    FIXED = 1,
    DYNAMIC = 2,
    LENGTH_SYMBOLS = 19, /* of the code length code */
    LITERALS = 286,      /* with more, reserved symbols would have codes */
    DISTANCES = 30,      /* the same */
    END_OF_BLOCK = 256,  /* a literal that must have a code */
    LONGEST_CODE = 15,   /* in bits */
    LONGEST_LENGTH_CODE = 7,
    REPEAT = 16,     /* symbols from here on repeat a length */
    ZLIB_HEADER = 2, /* in bytes */
    /*
     * No header is longer, in bytes: the zlib header, 17 bits, the lengths of the code length code,
     * and at most 14 bits (a repetition) for each length of the two codes.
     */
    LONGEST_HEADER = ZLIB_HEADER + (17 + 3 * LENGTH_SYMBOLS + 14 * (LITERALS + DISTANCES)) / 8 + 1,
    FIXED_LITERALS = 288,          /* with reserved symbols */
    STORED_HEADER = 5,             /* in bytes: the kind and two lengths */
    ALL_CODES = 1 << LONGEST_CODE, /* what the shares of a complete code add up to */
};

/* The next bits of a stream, the first one lowest. */
struct bits {
    const unsigned char *from; /* the bytes after those in `ready`; 8 can be read */
    uint64_t ready;
    unsigned count; /* bits in `ready` that are known, at least 56 after fill() */
};

static void fill(struct bits *bits)
{
    uint64_t next = 0;
    for (unsigned i = 0; i < sizeof(next); i++)
        next |= (uint64_t)bits->from[i] << 8 * i;
    bits->ready |= next << bits->count;
    bits->from += (63 - bits->count) / 8;
    bits->count |= 56;
}

static unsigned take(struct bits *bits, unsigned count)
{
    unsigned value = (unsigned)bits->ready & ((1u << count) - 1);
    bits->ready >>= count;
    bits->count -= count;
    return value;
}

/* A symbol of the code length code, and the bits that its code takes. */
struct decoded {
    unsigned char symbol, bits;
};

/*
 * Makes a table that gives the symbol for the next 7 bits of a stream. Returns false if the code is
 * not complete: then some bits are no symbol, or are two.
 */
static bool make_decoder(const unsigned char lengths[LENGTH_SYMBOLS],
                         struct decoded decoder[1 << LONGEST_LENGTH_CODE])
{
    unsigned counts[LONGEST_LENGTH_CODE + 1] = {0};
    unsigned next[LONGEST_LENGTH_CODE + 2] = {0}; /* by length: the next code of that length */
    for (unsigned symbol = 0; symbol < LENGTH_SYMBOLS; symbol++)
        counts[lengths[symbol]]++;
    counts[0] = 0;
    for (unsigned bits = 1; bits <= LONGEST_LENGTH_CODE; bits++)
        next[bits + 1] = (next[bits] + counts[bits]) << 1;
    if (next[LONGEST_LENGTH_CODE + 1] != 2u << LONGEST_LENGTH_CODE)
        return false;
    for (unsigned symbol = 0; symbol < LENGTH_SYMBOLS; symbol++) {
        unsigned bits = lengths[symbol];
        unsigned reversed = 0; /* codes are stored with their first bit lowest */
        if (!bits)
            continue;
        for (unsigned i = 0, code = next[bits]++; i < bits; i++, code >>= 1)
            reversed = reversed << 1 | (code & 1);
        for (unsigned at = reversed; at < 1 << LONGEST_LENGTH_CODE; at += 1u << bits)
            decoder[at] = (struct decoded){(unsigned char)symbol, (unsigned char)bits};
    }
    return true;
}

/* The lengths of both codes, as far as they are read: literals come first. */
struct code_lengths {
    size_t literals; /* how many lengths the code of literals has */
    size_t read;
    unsigned char lengths[FIXED_LITERALS + DISTANCES];
    /* Of ALL_CODES: the codes of 15 bits that begin with the code of a symbol. */
    unsigned literals_share;
    unsigned distances_share;
};

static void add_lengths(struct code_lengths *codes, unsigned length, size_t times)
{
    unsigned share = length ? (unsigned)ALL_CODES >> length : 0;
    size_t end = codes->read + times;
    size_t literals = codes->read >= codes->literals ? 0
                      : end <= codes->literals       ? times
                                                     : codes->literals - codes->read;
    codes->literals_share += share * (unsigned)literals;
    codes->distances_share += share * (unsigned)(times - literals);
    if (times == 1) /* nearly always */
        codes->lengths[codes->read] = (unsigned char)length;
    else
        memset(codes->lengths + codes->read, (int)length, times);
    codes->read = end;
}

/*
 * Reads `count` lengths. False when a repetition goes past the last one, or has no length before it
 * to repeat.
 */
static bool read_lengths(struct bits *bits, const struct decoded *decoder,
                         struct code_lengths *codes, size_t count)
{
    while (codes->read < count) {
        fill(bits);
        struct decoded decoded = decoder[bits->ready & ((1u << LONGEST_LENGTH_CODE) - 1)];
        size_t times = 1;
        unsigned length = decoded.symbol;
        take(bits, decoded.bits);
        if (length >= REPEAT) {
            if (length == REPEAT && !codes->read)
                return false;
            times = length == REPEAT       ? 3 + take(bits, 2)
                    : length == REPEAT + 1 ? 3 + take(bits, 3)
                                           : 11 + take(bits, 7);
            length = length == REPEAT ? codes->lengths[codes->read - 1] : 0;
        }
        if (times > count - codes->read)
            return false;
        add_lengths(codes, length, times);
    }
    return true;
}

/*
 * Reads the header of a block with dynamic codes. False when the code length code or the code of
 * literals is not complete.
 */
static bool read_codes(struct bits *bits, struct code_lengths *codes)
{
    static const unsigned char order[LENGTH_SYMBOLS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                        11, 4,  12, 3, 13, 2, 14, 1, 15};
    unsigned char length_code[LENGTH_SYMBOLS] = {0};
    struct decoded decoder[1 << LONGEST_LENGTH_CODE];
    size_t literals = 257 + take(bits, 5);
    size_t distances = 1 + take(bits, 5);
    size_t count = 4 + take(bits, 4);
    if (literals > LITERALS || distances > DISTANCES)
        return false;
    codes->literals = literals;
    codes->read = 0;
    codes->literals_share = 0;
    codes->distances_share = 0;
    for (size_t i = 0; i < count; i++) {
        fill(bits);
        length_code[order[i]] = (unsigned char)take(bits, 3);
    }
    return make_decoder(length_code, decoder) &&
           read_lengths(bits, decoder, codes, literals + distances) &&
           codes->lengths[END_OF_BLOCK] && codes->literals_share == ALL_CODES;
}

/* The code of blocks without a header, as RFC 1951 has it. */
static void take_fixed_code(struct code_lengths *codes)
{
    codes->literals = FIXED_LITERALS;
    memset(codes->lengths, 8, 144);
    memset(codes->lengths + 144, 9, 112);
    memset(codes->lengths + 256, 7, 24);
    memset(codes->lengths + 280, 8, 8);
}

/* How many symbols of the code of literals have codes of a length. Compilers count 16 at once. */
static unsigned count_length(const struct code_lengths *codes, unsigned length)
{
    unsigned char counts[2] = {0, 0}; /* of half of the symbols each, so that no count overflows */
    size_t half = codes->literals / 2;
    for (size_t i = 0; i < half; i++)
        counts[0] = (unsigned char)(counts[0] + (codes->lengths[i] == length));
    for (size_t i = half; i < codes->literals; i++)
        counts[1] = (unsigned char)(counts[1] + (codes->lengths[i] == length));
    return (unsigned)counts[0] + counts[1];
}

/* The first symbol after the header of a block. The code of literals is complete. */
static unsigned first_symbol(struct bits *bits, const struct code_lengths *codes)
{
    fill(bits);
    /* Codes of one length are consecutive numbers, in the order of their symbols. */
    unsigned length = 1;
    unsigned first = 0;
    unsigned code = take(bits, 1);
    for (; length < LONGEST_CODE; length++) {
        unsigned count = count_length(codes, length);
        if (code - first < count)
            break;
        first = (first + count) << 1;
        code = code << 1 | take(bits, 1);
    }
    unsigned symbol = 0;
    for (unsigned left = code - first + 1; symbol < codes->literals; symbol++)
        if (codes->lengths[symbol] == length && --left == 0)
            break;
    return symbol;
}

/* The first bytes of a stream, with zeroes after its end, and where its first block begins. */
struct beginning {
    unsigned char bytes[LONGEST_HEADER + sizeof(uint64_t)];
    struct bits bits;
    bool last;
    unsigned kind;
};

static void begin(struct beginning *beginning, const unsigned char *stream, size_t length)
{
    size_t copied = length < LONGEST_HEADER ? length : LONGEST_HEADER;
    memcpy(beginning->bytes, stream, copied);
    memset(beginning->bytes + copied, 0, sizeof(beginning->bytes) - copied);
    beginning->bits = (struct bits){.from = beginning->bytes + ZLIB_HEADER};
    fill(&beginning->bits);
    beginning->last = take(&beginning->bits, 1);
    beginning->kind = take(&beginning->bits, 2);
}

bool stream_is_strict(const unsigned char *stream, size_t length)
{
    struct beginning beginning;
    struct code_lengths codes;
    begin(&beginning, stream, length);
    return beginning.last && (beginning.kind == STORED ||
                              (beginning.kind == DYNAMIC && read_codes(&beginning.bits, &codes) &&
                               codes.distances_share == ALL_CODES));
}

int stream_first_byte(const unsigned char *stream, size_t length)
{
    struct beginning beginning;
    struct code_lengths codes;
    begin(&beginning, stream, length);
    if (beginning.kind == STORED)
        return beginning.bytes[ZLIB_HEADER + 1] | beginning.bytes[ZLIB_HEADER + 2]
                   ? beginning.bytes[ZLIB_HEADER + STORED_HEADER]
                   : -1;
    if (beginning.kind == FIXED)
        take_fixed_code(&codes);
    else if (beginning.kind != DYNAMIC || !read_codes(&beginning.bits, &codes))
        return -1;
    unsigned symbol = first_symbol(&beginning.bits, &codes);
    return symbol < END_OF_BLOCK ? (int)symbol : -1;
}
