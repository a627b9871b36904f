#include "cramfs/codec.h"

size_t cramfs_deflate_bound(size_t length)
{
    /*
     * Both libraries fall back to deflate's stored blocks, 5 bytes for each 16 KiB at most, around
     * them 6 bytes of zlib header and checksum, and a little that zlib rounds up.
     */
    return length + length / 4096 * 5 + 64;
}
