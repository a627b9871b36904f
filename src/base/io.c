#include "base/io.h"

#include <errno.h>
#include <unistd.h>

/*
 * The most bytes for one call. The kernel refuses a length that a ssize_t cannot hold with EINVAL:
 * 2 GiB and more on a host of 32 bits.
 */
enum { MOST_AT_ONCE = 1 << 30 };

static size_t at_once(size_t length)
{
    return length < MOST_AT_ONCE ? length : MOST_AT_ONCE;
}

bool io_write(int file, const void *bytes, size_t length)
{
    const unsigned char *from = bytes;
    while (length) {
        ssize_t written = write(file, from, at_once(length));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        from += written;
        length -= (size_t)written;
    }
    return true;
}

bool io_write_at(int file, const void *bytes, size_t length, uint64_t offset)
{
    const unsigned char *from = bytes;
    while (length) {
        ssize_t written = pwrite(file, from, at_once(length), (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        from += written;
        offset += (uint64_t)written;
        length -= (size_t)written;
    }
    return true;
}

bool io_read_at(int file, void *to, size_t length, uint64_t offset)
{
    unsigned char *at = to;
    while (length) {
        ssize_t got = pread(file, at, at_once(length), (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = EIO;
        if (got <= 0)
            return false;
        at += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return true;
}
