#include "report/update/sha256.h"

#include <nettle/base16.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <nettle/version.h>
#include <stdint.h>

_Static_assert(BASE16_ENCODE_LENGTH(SHA256_DIGEST_SIZE) + 1 == SHA256_HEX_SIZE, "one digest");
_Static_assert(BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1 == SHA256_BASE64_SIZE,
               "one digest");

static void find_digest(const void *bytes, size_t length, uint8_t digest[SHA256_DIGEST_SIZE])
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, length, bytes);
#if NETTLE_VERSION_MAJOR < 4
    sha256_digest(&context, SHA256_DIGEST_SIZE, digest);
#else
    sha256_digest(&context, digest);
#endif
}

const char *sha256_hex(const void *bytes, size_t length, char to[SHA256_HEX_SIZE])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    find_digest(bytes, length, digest);
    base16_encode_update(to, sizeof(digest), digest);
    to[SHA256_HEX_SIZE - 1] = '\0';
    return to;
}

const char *sha256_base64(const void *bytes, size_t length, char to[SHA256_BASE64_SIZE])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    find_digest(bytes, length, digest);
    base64_encode_raw(to, sizeof(digest), digest);
    to[SHA256_BASE64_SIZE - 1] = '\0';
    return to;
}
