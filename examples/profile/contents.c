#define _DEFAULT_SOURCE
#define _FILE_OFFSET_BITS 64

#include "contents.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static uint32_t add_byte(uint32_t crc, unsigned char byte)
{
    static uint32_t table[256];
    for (uint32_t i = 0; !table[255] && i < 256; i++) {
        uint32_t entry = i;
        for (int bit = 0; bit < 8; bit++)
            entry = entry >> 1 ^ (entry & 1 ? 0xedb88320u : 0);
        table[i] = entry;
    }
    return crc >> 8 ^ table[(crc ^ byte) & 0xff];
}

static bool read_all(int file, uint32_t *crc)
{
    static unsigned char buffer[65536];
    off_t at = 0;
    *crc = 0xffffffffu;
    for (;;) {
        ssize_t got = pread(file, buffer, sizeof(buffer), at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            *crc = ~*crc;
            return got == 0;
        }
        for (ssize_t i = 0; i < got; i++)
            *crc = add_byte(*crc, buffer[i]);
        at += got;
    }
}

/* Drops the pages before `end` and after the last one that stays; `end` 0: up to the file's end. */
static void drop(int file, uint64_t begin, uint64_t end, size_t page_size)
{
    if (!end || begin < end)
        posix_fadvise(file, (off_t)(begin * page_size),
                      (off_t)((end ? end - begin : 0) * page_size), POSIX_FADV_DONTNEED);
}

bool contents_crc32(int file, const uint64_t *pages, size_t count, size_t page_size, uint32_t *crc)
{
    bool done = read_all(file, crc);
    int error = errno;
    for (size_t i = 0; i < count; i++)
        if (pages[i])
            drop(file, i ? pages[i - 1] + 1 : 0, pages[i], page_size);
    drop(file, count ? pages[count - 1] + 1 : 0, 0, page_size);
    errno = error;
    return done;
}
