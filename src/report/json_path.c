#include "report/json_path.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/diag.h"

/* The length of the UTF-8 sequence at `at`, or 0: RFC 3629, without surrogates and overlong forms.
 */
static size_t utf8_length(const unsigned char *at, size_t rest)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t length;
    } forms[] = {
        {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (at[0] < forms[i].first_low || at[0] > forms[i].first_high || rest < forms[i].length)
            continue;
        if (forms[i].length > 1 && (at[1] < forms[i].second_low || at[1] > forms[i].second_high))
            continue;
        size_t good = 2;
        while (good < forms[i].length && (at[good] & 0xc0) == 0x80)
            good++;
        if (good >= forms[i].length)
            return forms[i].length;
    }
    return 0;
}

/* Copies with replacements; returns the new length. `to` has room for three times the bytes. */
static size_t replace_invalid(const char *from, size_t length, char *to, bool *valid)
{
    size_t used = 0;
    *valid = true;
    for (size_t i = 0; i < length;) {
        size_t sequence = utf8_length((const unsigned char *)from + i, length - i);
        if (sequence) {
            memcpy(to + used, from + i, sequence);
            used += sequence;
            i += sequence;
        } else {
            *valid = false;
            memcpy(to + used, "\xef\xbf\xbd", 3);
            used += 3;
            i++;
        }
    }
    return used;
}

int json_add_path(struct json_object *object, const struct cramfs_entries *entries, uint32_t entry)
{
    char path[CRAMFS_PATH_SIZE];
    char text[3 * CRAMFS_PATH_SIZE];
    bool valid;
    size_t length = cramfs_entry_path(entries, entry, path, sizeof(path));
    size_t used = replace_invalid(path, length, text, &valid);
    struct json_object *value = json_object_new_string_len(text, (int)used);
    if (!value || json_object_object_add(object, "path", value) != 0)
        return -CRAMFS_ERR_MEMORY;
    if (valid)
        return 0;
    for (size_t i = 0; i < length; i++)
        sprintf(text + 2 * i, "%02x", (unsigned char)path[i]);
    value = json_object_new_string_len(text, (int)(2 * length));
    return value && json_object_object_add(object, "path_bytes", value) == 0 ? 0
                                                                             : -CRAMFS_ERR_MEMORY;
}
