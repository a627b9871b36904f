#include "tree/archive/seekable/zip_end.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "tree/archive/stream/file_end.h"

/* The record at the end, and the two of Zip64 before it. */
enum { END_SIZE = 22, END64_SIZE = 56, LOCATOR_SIZE = 20, MOST_COMMENT = UINT16_MAX };
enum { ALL_RECORDS = END64_SIZE + LOCATOR_SIZE + END_SIZE };

/* The last record whose comment reaches to the last byte that is not zero; -1 for none. */
static int64_t find_record(const unsigned char *bytes, size_t length, size_t zeroes_from)
{
    for (size_t at = length < END_SIZE ? 0 : length - END_SIZE + 1; at-- > 0;) {
        if (memcmp(bytes + at, "PK\005\006", 4) != 0)
            continue;
        size_t end = at + END_SIZE + (size_t)read_little(bytes + at + 20, 2);
        if (end <= length && end >= zeroes_from)
            return (int64_t)at;
    }
    return -1;
}

/* Reads the record at `at`; `start` is the offset of `bytes` from the beginning. */
static void read_record(const unsigned char *bytes, size_t at, uint64_t start, struct zip_end *zip)
{
    const unsigned char *record = bytes + at;
    uint64_t directory_end = start + at;
    uint64_t size = read_little(record + 12, 4);
    uint64_t offset = read_little(record + 16, 4);
    zip->entries = read_little(record + 10, 2);
    if (at >= END64_SIZE + LOCATOR_SIZE && memcmp(record - LOCATOR_SIZE, "PK\006\007", 4) == 0) {
        record -= END64_SIZE + LOCATOR_SIZE;
        directory_end -= END64_SIZE + LOCATOR_SIZE;
        zip->known = memcmp(record, "PK\006\006", 4) == 0;
        zip->entries = read_little(record + 32, 8);
        size = read_little(record + 40, 8);
        offset = read_little(record + 48, 8);
    } else {
        zip->known = true;
    }
    zip->known = zip->known && size <= directory_end && offset <= directory_end - size;
    zip->offset = offset;
    zip->size = size;
    zip->prefix = zip->known ? directory_end - size - offset : 0;
}

bool find_zip_end(int file, uint64_t begin, uint64_t end, struct zip_end *zip, bool *found)
{
    uint64_t last;
    *zip = (struct zip_end){0};
    *found = false;
    if (!find_last_byte(file, begin, end, &last))
        return false;
    /* The record itself may end in zeroes. */
    uint64_t to = end - last < END_SIZE ? end : last + END_SIZE;
    uint64_t from =
        last - begin < MOST_COMMENT + ALL_RECORDS ? begin : last - MOST_COMMENT - ALL_RECORDS;
    size_t length = (size_t)(to - from);
    unsigned char *bytes = malloc(length ? length : 1);
    bool read = bytes && io_read_at(file, bytes, length, from);
    int64_t at = read ? find_record(bytes, length, (size_t)(last - from)) : -1;
    if (at >= 0) {
        *found = true;
        read_record(bytes, (size_t)at, from - begin, zip);
        zip->end = from + (uint64_t)at + END_SIZE + read_little(bytes + at + 20, 2);
    }
    free(bytes);
    return read;
}
