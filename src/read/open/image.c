#include "cramfs/image.h"

#include "read/open/memory.h"
#include "read/open/open.h"

const unsigned char *bytes_of_image(const struct cramfs_image *image, uint64_t offset,
                                    uint64_t length)
{
    return image->shared ? shared_at(image->shared, offset, length) : image->bytes + offset;
}

const unsigned char *cramfs_image_bytes(const struct cramfs_image *image, uint64_t offset,
                                        uint64_t length)
{
    if (offset > image->reader.size || length > image->reader.size - offset)
        return NULL;
    return bytes_of_image(image, offset, length);
}

void cramfs_image_close(struct cramfs_image *image)
{
    if (!image)
        return;
    image_memory_free(image->memory, image->memory_size);
    if (image->owns_shared)
        shared_free(image->shared);
    *image = (struct cramfs_image){0};
}

/* Adds [begin, end), in pieces that are not copied if they are shared. */
static uint32_t add_to_crc(const struct cramfs_image *image, uint32_t crc, uint64_t begin,
                           uint64_t end)
{
    while (begin < end) {
        uint64_t next = begin - begin % SHARED_PIECE + SHARED_PIECE;
        uint64_t length = (next < end ? next : end) - begin;
        crc = cramfs_crc32(crc, bytes_of_image(image, begin, length), (size_t)length);
        begin += length;
    }
    return crc;
}

uint32_t cramfs_image_crc(const struct cramfs_image *image)
{
    static const unsigned char zero[4];
    uint64_t field = image->super_offset + CRAMFS_SUPER_CRC_OFFSET;
    uint64_t rest = field + sizeof(zero);
    uint32_t crc = add_to_crc(image, 0, image->super_offset, field);
    crc = cramfs_crc32(crc, zero, sizeof(zero));
    return add_to_crc(image, crc, rest, image->reader.size);
}
