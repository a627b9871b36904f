#include "cramfs/image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

/* What the kernel takes for the size of an image that does not tell: cramfs_read_super(). */
#define ASSUMED_SIZE ((uint64_t)1 << 28)

static const struct cramfs_image *image_of(const struct cramfs_reader *reader)
{
    return (const struct cramfs_image *)((const char *)reader -
                                         offsetof(struct cramfs_image, reader));
}

static void read_image(const struct cramfs_reader *reader, uint64_t offset, void *to, size_t length)
{
    const unsigned char *from = cramfs_image_bytes(image_of(reader), offset, length);
    /* Callers stay within the size; should one not, zeroes are what the kernel would see. */
    if (from)
        memcpy(to, from, length);
    else
        memset(to, 0, length);
}

const unsigned char *cramfs_image_bytes(const struct cramfs_image *image, uint64_t offset,
                                        uint64_t length)
{
    if (offset > image->reader.size || length > image->reader.size - offset)
        return NULL;
    return image->bytes + offset;
}

static bool find_super(struct cramfs_image *image)
{
    static const uint32_t places[] = {0, CRAMFS_BOOT_SIZE};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        image->super_offset = places[i];
        if (image->file_size >= places[i] + (uint64_t)CRAMFS_SUPER_SIZE &&
            cramfs_super_decode(image->bytes + places[i], &image->order, &image->super))
            return true;
    }
    return false;
}

int cramfs_image_open_memory(const void *bytes, uint64_t size, uint32_t page_size,
                             struct cramfs_image *image, struct cramfs_diags *diags)
{
    *image = (struct cramfs_image){.bytes = bytes, .file_size = size, .page_size = page_size};
    if (!cramfs_page_size_valid(page_size))
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "block size %" PRIu32 " is not 4096, 8192, 16384, 32768 or 65536",
                           page_size);
    if (!find_super(image))
        return cramfs_fail(diags, CRAMFS_ERR_FORMAT, NULL,
                           "no cramfs superblock at offset 0 or 512 of its %" PRIu64 " bytes; "
                           "not a cramfs image",
                           size);
    uint64_t claimed =
        image->super.flags & CRAMFS_FLAG_FSID_VERSION_2 ? image->super.size : ASSUMED_SIZE;
    image->reader.size = claimed < size ? claimed : size;
    image->reader.read = read_image;
    return 0;
}

static void release_mapping(struct cramfs_image *image)
{
    munmap((void *)(uintptr_t)image->bytes, image->file_size);
}

static void release_memory(struct cramfs_image *image)
{
    free((void *)(uintptr_t)image->bytes);
}

/* A device cannot be mapped safely (an I/O error would be a signal): it is read into memory. */
static void *read_device(int file, uint64_t size)
{
    unsigned char *to = malloc(size ? size : 1);
    if (to && io_read_at(file, to, size, 0))
        return to;
    free(to);
    return NULL;
}

/* All bytes of the file, up to what an image can have. NULL with errno. */
static void *load_file(int file, uint64_t *size, void (**release)(struct cramfs_image *))
{
    struct stat status;
    off_t end = lseek(file, 0, SEEK_END);
    if (fstat(file, &status) != 0 || end < 0)
        return NULL;
    *size = (uint64_t)end < CRAMFS_MAX_IMAGE_SIZE ? (uint64_t)end : CRAMFS_MAX_IMAGE_SIZE;
    if (!S_ISREG(status.st_mode) || !*size) {
        *release = release_memory;
        return read_device(file, *size);
    }
    *release = release_mapping;
    void *bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, file, 0);
    return bytes == MAP_FAILED ? NULL : bytes;
}

int cramfs_image_open(const char *path, uint32_t page_size, struct cramfs_image *image,
                      struct cramfs_diags *diags)
{
    *image = (struct cramfs_image){0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot open the image: %s",
                           strerror(errno));
    uint64_t size = 0;
    void (*release)(struct cramfs_image *) = NULL;
    void *bytes = load_file(file, &size, &release);
    int system_error = errno;
    close(file);
    if (!bytes)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot read the image: %s",
                           strerror(system_error));
    int error = cramfs_image_open_memory(bytes, size, page_size, image, diags);
    image->release = release;
    if (error)
        cramfs_image_close(image);
    return error;
}

void cramfs_image_close(struct cramfs_image *image)
{
    if (image->release)
        image->release(image);
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
               : cramfs_crc32(crc, image->bytes + rest, image->reader.size - rest);
}
