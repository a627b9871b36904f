/*
 * Patterns of files to leave out, one in each line, and in the last line the path that they are
 * compared with. The patterns are the user's, and of a sane length; the path is an archive's.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/exclude.h"

enum { MOST_PATTERNS = 16, MOST_BYTES = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_exclude list[MOST_PATTERNS];
    struct cramfs_excludes excludes = {.list = list, .list_capacity = MOST_PATTERNS};
    char *text = strndup((const char *)bytes, size);
    char *path = text;
    for (char *end; path && (end = strchr(path, '\n')) && excludes.list_count < MOST_PATTERNS;) {
        *end = '\0';
        if (end - path <= MOST_BYTES)
            list[excludes.list_count++] = (struct cramfs_exclude){.pattern = path};
        path = end + 1;
    }
    if (path) {
        bool excluded = cramfs_excludes_match(&excludes, path) == 1;
        uint64_t matches = 0;
        for (size_t i = 0; i < excludes.list_count; i++)
            matches += list[i].matches;
        FUZZ_EXPECT((matches > 0) == excluded);
        cramfs_excludes_free(&excludes);
    }
    free(text);
    return 0;
}
