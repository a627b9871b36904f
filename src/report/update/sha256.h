/*
 * SHA-256, by nettle: the only place that knows which library computes it.
 *
 * The library is nettle. libarchive gives digests only through its mtree writer, and Buildroot
 * builds it without them. libcrypto is a hundred times the size in a static program.
 */
#ifndef CRAMFS_REPORT_UPDATE_SHA256_H
#define CRAMFS_REPORT_UPDATE_SHA256_H

#include <stddef.h>

enum { SHA256_HEX_SIZE = 65, SHA256_BASE64_SIZE = 45 };

/* The digest of the bytes as 64 hexadecimal digits, as sha256sum(1) prints it. Returns `to`. */
const char *sha256_hex(const void *bytes, size_t length, char to[SHA256_HEX_SIZE]);

/* The same in base 64, for a content security policy. Returns `to`. */
const char *sha256_base64(const void *bytes, size_t length, char to[SHA256_BASE64_SIZE]);

#endif
