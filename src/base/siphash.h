/*
 * SipHash-1-3 of Aumasson and Bernstein: a keyed hash. One round reads 8 bytes, three rounds end
 * it.
 */
#ifndef CRAMFS_BASE_SIPHASH_H
#define CRAMFS_BASE_SIPHASH_H

#include <stdint.h>

struct sip_key {
    uint64_t low;
    uint64_t high;
};

struct sip {
    uint64_t a, b, c, d; /* v0 to v3 of the paper */
};

static inline uint64_t sip_turn(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static inline void sip_round(struct sip *sip)
{
    sip->a += sip->b;
    sip->c += sip->d;
    sip->b = sip_turn(sip->b, 13) ^ sip->a;
    sip->d = sip_turn(sip->d, 16) ^ sip->c;
    sip->a = sip_turn(sip->a, 32);
    sip->c += sip->b;
    sip->a += sip->d;
    sip->b = sip_turn(sip->b, 17) ^ sip->c;
    sip->d = sip_turn(sip->d, 21) ^ sip->a;
    sip->c = sip_turn(sip->c, 32);
}

static inline struct sip sip_start(struct sip_key key)
{
    return (struct sip){key.low ^ 0x736f6d6570736575u, key.high ^ 0x646f72616e646f6du,
                        key.low ^ 0x6c7967656e657261u, key.high ^ 0x7465646279746573u};
}

static inline void sip_take(struct sip *sip, uint64_t word)
{
    sip->d ^= word;
    sip_round(sip);
    sip->a ^= word;
}

static inline uint64_t sip_end(struct sip *sip)
{
    sip->c ^= 0xff;
    sip_round(sip);
    sip_round(sip);
    sip_round(sip);
    return sip->a ^ sip->b ^ sip->c ^ sip->d;
}

#endif
