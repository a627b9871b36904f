#include "tree/archive/marks.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE_AT = 94, NAME_DIGITS_OVER = 3 }; /* limits a name to less than 1 MiB */
enum { NEWC_SIZE = 110, ODC_SIZE = 76, MAGIC_SIZE = 6, SUM_AT = 102, SUM_SIZE = 8 };

static bool all_digits(const unsigned char *bytes, size_t length, const char *digits)
{
    for (size_t i = 0; i < length; i++) {
        if (!bytes[i] || !strchr(digits, bytes[i]))
            return false;
    }
    return true;
}

static bool is_newc(const unsigned char *bytes, size_t length)
{
    return length == NEWC_SIZE && memcmp(bytes, "07070", MAGIC_SIZE - 1) == 0 &&
           (bytes[MAGIC_SIZE - 1] == '1' || bytes[MAGIC_SIZE - 1] == '2') &&
           all_digits(bytes + NAME_SIZE_AT, NAME_DIGITS_OVER, "0") &&
           all_digits(bytes + MAGIC_SIZE, NEWC_SIZE - MAGIC_SIZE, "0123456789abcdefABCDEF");
}

static bool is_odc(const unsigned char *bytes, size_t length)
{
    return length >= ODC_SIZE &&
           ((memcmp(bytes, "070707", MAGIC_SIZE) == 0 && all_digits(bytes, ODC_SIZE, "01234567")) ||
            memcmp(bytes, "070727", MAGIC_SIZE) == 0);
}

static bool is_binary(const unsigned char *bytes, size_t length)
{
    return length >= 2 &&
           ((bytes[0] == 0x71 && bytes[1] == 0xc7) || (bytes[0] == 0xc7 && bytes[1] == 0x71));
}

static enum mark tar_mark(const unsigned char *bytes, size_t length)
{
    return length == TAR_BLOCK && is_zero(bytes, length) ? MARK_END : MARK_HEADER;
}

enum mark find_mark(struct stream *stream, enum content form, uint64_t at)
{
    const unsigned char *bytes;
    size_t length =
        stream_look_ahead(stream, at, form == CONTENT_TAR ? TAR_BLOCK : NEWC_SIZE, &bytes);
    if (!length)
        return MARK_MISSING;
    bool sound = false;
    switch (form) {
    case CONTENT_TAR:
        return tar_mark(bytes, length);
    case CONTENT_NEWC:
        sound = is_newc(bytes, length);
        break;
    case CONTENT_BINARY_CPIO:
        sound = is_binary(bytes, length);
        break;
    default:
        sound = is_odc(bytes, length);
        break;
    }
    return sound ? MARK_HEADER : is_zero(bytes, length) ? MARK_MISSING : MARK_DAMAGED;
}

bool find_sum(struct stream *stream, enum content form, uint64_t at, uint32_t *sum)
{
    const unsigned char *bytes;
    if (form != CONTENT_NEWC || stream_look_ahead(stream, at, NEWC_SIZE, &bytes) < NEWC_SIZE ||
        memcmp(bytes, "070702", MAGIC_SIZE) != 0)
        return false;
    char text[SUM_SIZE + 1] = {0};
    memcpy(text, bytes + SUM_AT, SUM_SIZE);
    *sum = (uint32_t)strtoul(text, NULL, 16);
    return true;
}
