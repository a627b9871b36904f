#include "base/text/text_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

enum { CHUNK = 1 << 16 };

/* Reads one byte more than allowed, to notice a file that is too long. */
static int read_stream(FILE *file, const char *path, const char *what, size_t most,
                       struct cramfs_diags *diags, char **text, size_t *length)
{
    size_t capacity = 0;
    size_t got = CHUNK;
    while (got == CHUNK && *length <= most) {
        if (!array_reserve(text, 1, *length, &capacity, CHUNK + 1))
            return cramfs_fail_memory(diags);
        errno = 0;
        got = fread(*text + *length, 1, CHUNK, file);
        *length += got;
    }
    (*text)[*length] = '\0';
    if (ferror(file))
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot read the %s: %s", what,
                           strerror(errno));
    if (*length > most)
        return cramfs_fail(
            diags, CRAMFS_ERR_FORMAT, path,
            "the file has more than %zu bytes, too many for a %s; name the right file", most, what);
    return 0;
}

/* Editors of other systems begin a text with U+FEFF; in UTF-8 it does not belong to the text. */
static int drop_mark(const char *path, const char *what, struct cramfs_diags *diags, char *text,
                     size_t *length)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (*length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        return cramfs_fail(diags, CRAMFS_ERR_FORMAT, path,
                           "the %s is in UTF-16; convert it to UTF-8", what);
    if (*length < strlen(mark) || memcmp(text, mark, strlen(mark)) != 0)
        return 0;
    *length -= strlen(mark);
    memmove(text, text + strlen(mark), *length + 1);
    return 0;
}

int text_file_read(const char *path, const char *what, size_t most, struct cramfs_diags *diags,
                   char **text, size_t *length)
{
    *text = NULL;
    *length = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot open the %s: %s", what,
                           strerror(errno));
    int error = read_stream(file, path, what, most, diags, text, length);
    fclose(file);
    return error ? error : drop_mark(path, what, diags, *text, length);
}
