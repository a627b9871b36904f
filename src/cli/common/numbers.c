/*
 * Values of options: numbers, sizes, words.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text/number.h"
#include "cli/common/common.h"

static uint64_t in_range(const char *option, const char *text, uint64_t value, uint64_t low,
                         uint64_t high)
{
    if (value < low || value > high)
        usage_error("%s: %s is not between %" PRIu64 " and %" PRIu64, option, text, low, high);
    return value;
}

/* Decimal, or hexadecimal after 0x: `length` bytes of the text. False when it is neither. */
static bool read_number(const char *text, size_t length, uint64_t *value)
{
    if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return number_read(text + 2, length - 2, 16, UINT64_MAX, value);
    return number_read(text, length, 10, UINT64_MAX, value);
}

uint64_t parse_number(const char *option, const char *text, uint64_t low, uint64_t high)
{
    uint64_t value;
    if (!read_number(text, strlen(text), &value))
        usage_error("%s: '%s' is not a number", option, text);
    return in_range(option, text, value, low, high);
}

/*
 * A suffix of a size: `power` is the power of 1024. An ambiguous one can also mean a power of 1000.
 */
struct suffix {
    const char *text;
    unsigned power;
    bool ambiguous;
};

/*
 * The longest suffix with which the text ends. The last one in the list is empty, so it always
 * matches.
 */
static const struct suffix *find_suffix(const char *text)
{
    static const struct suffix suffixes[] = {
        {"KiB", 1, false}, {"MiB", 2, false}, {"GiB", 3, false}, {"KB", 1, true}, {"MB", 2, true},
        {"GB", 3, true},   {"K", 1, false},   {"M", 2, false},   {"G", 3, false}, {"", 0, false},
    };
    size_t length = strlen(text);
    const struct suffix *suffix = suffixes;
    while (strlen(suffix->text) > length ||
           strcasecmp(text + length - strlen(suffix->text), suffix->text) != 0)
        suffix++;
    return suffix;
}

static bool multiply(uint64_t *value, unsigned power, uint64_t factor)
{
    for (; power; power--) {
        if (*value > UINT64_MAX / factor)
            return false;
        *value *= factor;
    }
    return true;
}

/* 16 MB can mean 16 * 1000000 or 16 * 1048576 bytes. */
_Noreturn static void refuse_ambiguous(const char *option, const char *text,
                                       const struct suffix *suffix, uint64_t number)
{
    uint64_t decimal = number;
    uint64_t binary = number;
    if (!multiply(&decimal, suffix->power, 1000) || !multiply(&binary, suffix->power, 1024))
        usage_error("%s: '%s' is too large", option, text);
    usage_error("%s: '%s' can mean %" PRIu64 " or %" PRIu64 " bytes; write %" PRIu64 " or %" PRIu64
                "%.1s",
                option, text, decimal, binary, decimal, number, suffix->text);
}

/* "1.5M" and "1,5M". */
static bool is_fraction(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits && (text[digits] == '.' || text[digits] == ',') &&
           strspn(text + digits + 1, "0123456789");
}

uint64_t parse_size(const char *option, const char *text, uint64_t low, uint64_t high)
{
    const struct suffix *suffix = find_suffix(text);
    uint64_t value;
    if (is_fraction(text))
        usage_error(
            "%s: '%s' is not a whole number; use a smaller suffix, for example 1536K for 1.5M",
            option, text);
    if (!read_number(text, strlen(text) - strlen(suffix->text), &value))
        usage_error("%s: '%s' is not a size; the suffixes are K, M and G (KiB, MiB, GiB)", option,
                    text);
    if (suffix->ambiguous)
        refuse_ambiguous(option, text, suffix, value);
    if (!multiply(&value, suffix->power, 1024))
        usage_error("%s: '%s' is too large", option, text);
    return in_range(option, text, value, low, high);
}

uint32_t parse_page_size(const char *text)
{
    uint64_t size = parse_size("--block-size", text, 0, UINT32_MAX);
    if (!cramfs_page_size_valid(size))
        usage_error("--block-size: %s is not 4096, 8192, 16384, 32768 or 65536; use the page size "
                    "of the target, which is the largest block that cramfs compresses",
                    text);
    return (uint32_t)size;
}

unsigned parse_jobs(const char *text)
{
    return (unsigned)parse_number("--jobs", text, 1, 256);
}

unsigned parse_choice(const char *option, const char *text, const char *const *words)
{
    char list[128] = "";
    for (unsigned i = 0; words[i]; i++) {
        if (strcmp(text, words[i]) == 0)
            return i;
        size_t used = strlen(list);
        snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "", words[i]);
    }
    usage_error("%s: '%s' is not one of %s", option, text, list);
}
