#include "tree/archive/stream/file_end.h"

#include "base/io.h"

uint64_t read_little(const unsigned char *bytes, size_t count)
{
    uint64_t number = 0;
    while (count--)
        number = number << 8 | bytes[count];
    return number;
}

bool find_last_byte(int file, uint64_t begin, uint64_t end, uint64_t *last)
{
    unsigned char bytes[16 << 10];
    while (end > begin) {
        size_t length = end - begin < sizeof(bytes) ? (size_t)(end - begin) : sizeof(bytes);
        if (!io_read_at(file, bytes, length, end - length))
            return false;
        while (length && !bytes[length - 1]) {
            length--;
            end--;
        }
        if (length)
            break;
    }
    *last = end;
    return true;
}
