#include "cramfs/image.h"

#include <stdlib.h>
#include <sys/mman.h>

const unsigned char *cramfs_image_bytes(const struct cramfs_image *image, uint64_t offset,
                                        uint64_t length)
{
    if (offset > image->reader.size || length > image->reader.size - offset)
        return NULL;
    return image->bytes + offset;
}

void cramfs_image_close(struct cramfs_image *image)
{
    if (!image)
        return;
    if (image->mapping)
        munmap(image->mapping, image->mapping_size);
    free(image->unswapped);
    *image = (struct cramfs_image){0};
}

uint32_t cramfs_image_crc(const struct cramfs_image *image)
{
    static const unsigned char zero[4];
    uint64_t field = image->super_offset + CRAMFS_SUPER_CRC_OFFSET;
    uint64_t rest = field + sizeof(zero);
    uint32_t crc = cramfs_crc32(0, image->bytes + image->super_offset, CRAMFS_SUPER_CRC_OFFSET);
    crc = cramfs_crc32(crc, zero, sizeof(zero));
    return image->reader.size < rest
               ? crc
               : cramfs_crc32(crc, image->bytes + rest, (size_t)(image->reader.size - rest));
}
