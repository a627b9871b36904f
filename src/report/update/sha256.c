#include "report/update/sha256.h"

#include <nettle/base16.h>
#include <nettle/sha2.h>
#include <nettle/version.h>
#include <stdint.h>

_Static_assert(BASE16_ENCODE_LENGTH(SHA256_DIGEST_SIZE) + 1 == SHA256_HEX_SIZE, "one digest");

const char *sha256_hex(const void *bytes, size_t length, char to[SHA256_HEX_SIZE])
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, length, bytes);
#if NETTLE_VERSION_MAJOR < 4
    sha256_digest(&context, sizeof(digest), digest);
#else
    sha256_digest(&context, digest);
#endif
    base16_encode_update(to, sizeof(digest), digest);
    to[SHA256_HEX_SIZE - 1] = '\0';
    return to;
}
