#include "text.h"

#include "record.h"
#include "sys.h"

void *memcpy(void *to, const void *from, size_t size)
{
    return memmove(to, from, size);
}

void *memmove(void *to, const void *from, size_t size)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    if (t < f) {
        while (size--)
            *t++ = *f++;
    } else {
        while (size--)
            t[size] = f[size];
    }
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    unsigned char *t = to;

    while (size--)
        *t++ = (unsigned char)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *x = a, *y = b;

    for (; size > 0; size--, x++, y++) {
        if (*x != *y)
            return *x - *y;
    }
    return 0;
}

size_t text_length(const char *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

bool text_equal(const char *a, const char *b)
{
    size_t length = text_length(a);

    return length == text_length(b) && !memcmp(a, b, length);
}

bool text_begins(const char *text, const char *prefix)
{
    while (*prefix && *text == *prefix) {
        text++;
        prefix++;
    }
    return !*prefix;
}

bool text_has(const char *text, char letter)
{
    while (*text && *text != letter)
        text++;
    return *text != 0;
}

void text_join(char *to, size_t size, const char *const *parts)
{
    for (; *parts; parts++) {
        size_t length = text_length(*parts);

        if (length >= size)
            die("name", *parts, 0);
        memcpy(to, *parts, length);
        to += length;
        size -= length;
    }
    *to = 0;
}

uint64_t text_number(const char *text, unsigned base)
{
    uint64_t number = 0;

    for (;; text++) {
        unsigned digit = (unsigned char)*text - (unsigned)'0';

        if (digit > 9)
            digit = (unsigned char)*text - (unsigned)'a' + 10;
        if (digit >= base)
            return number;
        number = number * base + digit;
    }
}

/* By parts that 32 bits hold; returns the remainder. */
static unsigned divide_by_ten(uint64_t *number)
{
    uint32_t high = (uint32_t)(*number >> 32), low = (uint32_t)*number;
    uint32_t middle = high % 10 << 16 | low >> 16;
    uint32_t last = middle % 10 << 16 | (low & 0xffff);

    *number = (uint64_t)(high / 10) << 32 | middle / 10 << 16 | last / 10;
    return last % 10;
}

void text_from_number(char *to, uint64_t number)
{
    char digits[20];
    size_t count = 0;

    do
        digits[count++] = (char)('0' + divide_by_ten(&number));
    while (number > 0);
    while (count > 0)
        *to++ = digits[--count];
    *to = 0;
}

char *text_word(char **rest)
{
    char *word;

    while (**rest == ' ')
        ++*rest;
    word = *rest;
    while (**rest && **rest != ' ')
        ++*rest;
    if (**rest)
        *(*rest)++ = 0;
    return word;
}

void text_open(struct text_reader *reader, const char *path)
{
    long file = sys_open(AT_FDCWD, path, O_RDONLY);

    if (file < 0)
        die("open", path, file);
    reader->file = (int)file;
    reader->begin = reader->end = 0;
}

static bool fill(struct text_reader *reader)
{
    long got = sys_read(reader->file, reader->buffer, sizeof(reader->buffer));

    if (got < 0)
        die("read", "lines", got);
    reader->begin = 0;
    reader->end = (size_t)got;
    return got > 0;
}

bool text_line(struct text_reader *reader, char *line, size_t size)
{
    size_t length = 0;

    while (reader->begin < reader->end || fill(reader)) {
        char letter = reader->buffer[reader->begin++];

        if (letter == '\n') {
            line[length] = 0;
            return true;
        }
        if (length + 1 == size)
            die("read", "a line that is too long", 0);
        line[length++] = letter;
    }
    return false;
}

void text_close(struct text_reader *reader)
{
    sys_close(reader->file);
}
