/*
 * MD5 (RFC 1321), so that guest and host can compare bytes without moving them. Nothing here needs
 * a secure hash, and on an emulated processor it is five times as fast as SHA-256.
 */
#ifndef MD5_H
#define MD5_H

#include <stddef.h>
#include <stdint.h>

#define MD5_SIZE  16
#define MD5_BLOCK 64

struct md5 {
    uint32_t state[4];
    uint64_t length;          /* bytes hashed so far */
    uint8_t block[MD5_BLOCK]; /* the last length % 64 of them */
};

void md5_init(struct md5 *hash);
void md5_update(struct md5 *hash, const void *data, size_t length);
void md5_final(struct md5 *hash, uint8_t digest[MD5_SIZE]);

#endif
