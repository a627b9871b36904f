#include "base/text/number.h"

/* At most 15 for a digit; larger for any other character. */
static unsigned digit_of(char digit)
{
    if (digit >= '0' && digit <= '9')
        return (unsigned)(digit - '0');
    if (digit >= 'a' && digit <= 'f')
        return (unsigned)(digit - 'a') + 10;
    if (digit >= 'A' && digit <= 'F')
        return (unsigned)(digit - 'A') + 10;
    return 16;
}

bool number_read(const char *text, size_t length, unsigned base, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = digit_of(text[i]);
        if (digit >= base || value > (most - digit) / base || digit > most)
            return false;
        value = value * base + digit;
    }
    *number = value;
    return length > 0;
}
