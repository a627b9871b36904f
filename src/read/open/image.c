#include "cramfs/image.h"

#include <sys/mman.h>

#include "read/open/open.h"

void *image_memory(uint64_t size)
{
    if (!size || size != (size_t)size)
        return NULL;
    void *memory =
        mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
#ifdef MADV_HUGEPAGE
    /* Page faults for each 4096 bytes would take longer than reading: twice the time in total. */
    madvise(memory, (size_t)size, MADV_HUGEPAGE);
#endif
    return memory;
}

void image_memory_free(void *memory, size_t size)
{
    if (memory)
        munmap(memory, size);
}

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
    image_memory_free(image->memory, image->memory_size);
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
