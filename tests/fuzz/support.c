#include "fuzz.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_broken(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

const uint32_t fuzz_page_sizes[] = {4096, 8192, 16384, 32768, 65536, 0};

uint32_t fuzz_page_size(const uint8_t *bytes, size_t size)
{
    enum { FUTURE = 12, COUNT = 5 };
    if (size < FUTURE + 4)
        return fuzz_page_sizes[0];
    bytes += FUTURE; /* in either byte order */
    return fuzz_page_sizes[(bytes[0] ^ bytes[1] ^ bytes[2] ^ bytes[3]) % COUNT];
}

bool fuzz_open_image(const uint8_t *bytes, size_t size, uint32_t page_size,
                     struct cramfs_image *image)
{
    const struct cramfs_open_options options = {.page_size = page_size};
    return cramfs_image_open_memory(bytes, size, &options, image, NULL) == 0;
}

const char *fuzz_file(const uint8_t *bytes, size_t size)
{
    static int file = -1; /* opened again each time by its path, so that only its bytes matter */
    static char path[32];
    if (file < 0) {
        file = memfd_create("input", MFD_CLOEXEC);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    }
    if (ftruncate(file, 0) != 0 || pwrite(file, bytes, size, 0) != (ssize_t)size)
        fuzz_broken("a file in memory can be written", __FILE__, __LINE__);
    return path;
}

FILE *fuzz_nowhere(void)
{
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){0});
    FUZZ_EXPECT(stream);
    return stream;
}

uint32_t fuzz_hash(const uint8_t *bytes, size_t size)
{
    uint32_t value = 2166136261u;
    for (size_t i = 0; i < size; i++)
        value = (value ^ bytes[i]) * 16777619u;
    return value ^ value >> 15;
}
