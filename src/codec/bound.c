#include "cramfs/codec.h"

size_t cramfs_deflate_bound(size_t length)
{
    /*
     * Both libraries fall back to deflate's stored blocks, at most 5 bytes for each 16 KiB. Around
     * these come 6 bytes of zlib header and checksum, and a little that zlib rounds up.
     */
    return length + length / 4096 * 5 + 64;
}
