#include "cramfs/codec.h"

size_t cramfs_deflate_bound(size_t length)
{
    /*
     * The libraries store what does not get smaller, in blocks with up to 5 bytes before the data.
     * By libdeflate's own bound, its blocks have at least 5000 bytes each, except the last; zlib's
     * blocks are larger. zopfli's stream counts only if it is smaller than theirs. The 64 bytes
     * cover the last block, and zlib header and checksum (6 bytes).
     */
    return length + length / 4096 * 5 + 64;
}
