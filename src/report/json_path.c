#include "report/json_path.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/utf8.h"
#include "cramfs/diag.h"
#include "report/json.h"

/* Copies with replacements; returns the new length. `to` has room for three times the bytes. */
static size_t replace_invalid(const char *from, size_t length, char *to, bool *valid)
{
    size_t used = 0;
    *valid = true;
    for (size_t i = 0; i < length;) {
        /* Most names are nothing but ASCII. */
        while (i < length && (unsigned char)from[i] < 0x80)
            to[used++] = from[i++];
        if (i == length)
            break;
        size_t sequence = utf8_length(from + i, length - i);
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

static int add_text(struct json_object *object, const char *key, const char *text, size_t length)
{
    struct json_object *value = json_object_new_string_len(text, (int)length);
    int error = 0;
    json_add(object, key, value, &error);
    return error;
}

static int add_hexadecimal(struct json_object *object, const char *key, const char *bytes,
                           size_t length, char *room)
{
    char bytes_key[64];
    snprintf(bytes_key, sizeof(bytes_key), "%s_bytes", key);
    for (size_t i = 0; i < length; i++)
        sprintf(room + 2 * i, "%02x", (unsigned char)bytes[i]);
    return add_text(object, bytes_key, room, 2 * length);
}

int json_add_bytes(struct json_object *object, const char *key, const char *bytes, size_t length)
{
    char *text = malloc(3 * length + 1); /* of invalid bytes; hexadecimal needs less */
    if (!text)
        return -CRAMFS_ERR_MEMORY;
    bool valid;
    size_t used = replace_invalid(bytes, length, text, &valid);
    int error = add_text(object, key, text, used);
    if (!error && !valid)
        error = add_hexadecimal(object, key, bytes, length, text);
    free(text);
    return error;
}

int json_add_entry(struct json_object *object, const char *key,
                   const struct cramfs_entries *entries, uint32_t entry)
{
    char path[CRAMFS_PATH_SIZE];
    size_t length = cramfs_entry_path(entries, entry, path, sizeof(path));
    return json_add_bytes(object, key, path, length);
}

int json_add_path(struct json_object *object, const struct cramfs_entries *entries, uint32_t entry)
{
    return json_add_entry(object, "path", entries, entry);
}
