#include "md5.h"

#include "text.h"

/* 2^32 times the absolute value of the sine of 1, 2, 3, ... */
static const uint32_t sine[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static inline uint32_t load_le32(const uint8_t *p)
{
    uint32_t word;

    __builtin_memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

static void store_le32(uint8_t *p, uint32_t word)
{
    for (int i = 0; i < 4; i++, word >>= 8)
        p[i] = (uint8_t)word;
}

static inline uint32_t rotate_left(uint32_t word, unsigned count)
{
    return word << count | word >> (32 - count);
}

/* The four mixing functions, and which word of the block the i-th step of each round takes. */
#define F(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define G(x, y, z) ((y) ^ ((z) & ((x) ^ (y))))
#define H(x, y, z) ((x) ^ (y) ^ (z))
#define I(x, y, z) ((y) ^ ((x) | ~(z)))
#define WORD_F(i)  (i)
#define WORD_G(i)  ((5 * (i) + 1) % 16)
#define WORD_H(i)  ((3 * (i) + 5) % 16)
#define WORD_I(i)  (7 * (i) % 16)

#define STEP(mix, a, b, c, d, i, shift)                                                            \
    a = b + rotate_left(a + mix(b, c, d) + w[WORD_##mix(i)] + constants[i], shift)

/* Four steps at a time, after which every variable has its own name again. */
#define ROUND(mix, number, s1, s2, s3, s4)                                                         \
    do {                                                                                           \
        const uint32_t *constants = sine + 16 * (number);                                          \
        for (unsigned i = 0; i < 16; i += 4) {                                                     \
            STEP(mix, a, b, c, d, i, s1);                                                          \
            STEP(mix, d, a, b, c, i + 1, s2);                                                      \
            STEP(mix, c, d, a, b, i + 2, s3);                                                      \
            STEP(mix, b, c, d, a, i + 3, s4);                                                      \
        }                                                                                          \
    } while (0)

static void compress(uint32_t state[4], const uint8_t *block)
{
    uint32_t w[16], a = state[0], b = state[1], c = state[2], d = state[3];

    for (int i = 0; i < 16; i++)
        w[i] = load_le32(block + 4 * i);
    ROUND(F, 0, 7, 12, 17, 22);
    ROUND(G, 1, 5, 9, 14, 20);
    ROUND(H, 2, 4, 11, 16, 23);
    ROUND(I, 3, 6, 10, 15, 21);
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void md5_init(struct md5 *hash)
{
    static const uint32_t initial[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

    memcpy(hash->state, initial, sizeof(initial));
    hash->length = 0;
}

void md5_update(struct md5 *hash, const void *data, size_t length)
{
    const uint8_t *p = data;

    while (length > 0) {
        size_t filled = hash->length % MD5_BLOCK;
        size_t part = length < MD5_BLOCK - filled ? length : MD5_BLOCK - filled;

        if (part == MD5_BLOCK) {
            compress(hash->state, p);
        } else {
            memcpy(hash->block + filled, p, part);
            if (filled + part == MD5_BLOCK)
                compress(hash->state, hash->block);
        }
        hash->length += part;
        p += part;
        length -= part;
    }
}

void md5_final(struct md5 *hash, uint8_t digest[MD5_SIZE])
{
    static const uint8_t padding[MD5_BLOCK] = {0x80};
    uint64_t bits = hash->length * 8;
    uint8_t length[8];

    store_le32(length, (uint32_t)bits);
    store_le32(length + 4, (uint32_t)(bits >> 32));
    md5_update(hash, padding, 1 + (119 - hash->length % MD5_BLOCK) % MD5_BLOCK);
    md5_update(hash, length, sizeof(length));
    for (int i = 0; i < 4; i++)
        store_le32(digest + 4 * i, hash->state[i]);
}
