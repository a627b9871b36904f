/* SHA-256 (FIPS 180-4), so that guest and host can compare bytes without moving them. */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint64_t length;     /* bytes hashed so far */
	uint8_t block[64];   /* the last length % 64 of them */
};

void sha256_init(struct sha256 *hash);
void sha256_update(struct sha256 *hash, const void *data, size_t length);
void sha256_final(struct sha256 *hash, uint8_t digest[32]);

#endif
