/*
 * The key of this process's hashes.
 */
#ifndef CRAMFS_BASE_HASH_KEY_H
#define CRAMFS_BASE_HASH_KEY_H

#include "base/siphash.h"

/*
 * The key is the same in all threads, and drawn at the first call, with getrandom(2). If that
 * fails, the random bytes that the kernel gives to every program are used, and as a last resort
 * clock and addresses. So this function never fails, and never waits.
 */
struct sip_key hash_key(void);

/* Random words from the same key, for sums of up to 1 KiB. */
enum { HASH_WORDS = 256 };

const uint32_t *hash_words(void);

#endif
