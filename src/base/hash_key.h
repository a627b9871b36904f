/*
 * The key of this process's hashes.
 */
#ifndef CRAMFS_BASE_HASH_KEY_H
#define CRAMFS_BASE_HASH_KEY_H

#include "base/siphash.h"

/*
 * The same in all threads; drawn at the first call, with getrandom(2). Where that gives nothing,
 * the random bytes that the kernel hands to every program serve, and at the worst clock and
 * addresses: it never fails, and never waits.
 */
struct sip_key hash_key(void);

/* Random words for sums of up to 1 KiB, from the same key. */
enum { HASH_WORDS = 256 };

const uint32_t *hash_words(void);

#endif
