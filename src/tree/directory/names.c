#include "tree/directory/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cramfs/diag.h"

static int read_bytes(DIR *stream, struct directory_names *names)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry)
            return errno ? -CRAMFS_ERR_IO : 0;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        size_t size = strlen(entry->d_name) + 1;
        if (!array_reserve(&names->bytes, 1, names->bytes_count, &names->bytes_capacity, size + 1))
            return -CRAMFS_ERR_MEMORY;
        names->bytes[names->bytes_count] = (char)entry->d_type;
        memcpy(names->bytes + names->bytes_count + 1, entry->d_name, size);
        names->bytes_count += size + 1;
        names->list_count++;
    }
}

static int compare(const void *first, const void *second)
{
    const struct directory_name *a = first;
    const struct directory_name *b = second;
    return strcmp(a->name, b->name);
}

int names_read(DIR *stream, struct directory_names *names)
{
    int error = read_bytes(stream, names);
    if (error || !names->list_count)
        return error;
    names->list = malloc(names->list_count * sizeof(*names->list));
    if (!names->list)
        return -CRAMFS_ERR_MEMORY;
    const char *at = names->bytes;
    for (size_t i = 0; i < names->list_count; i++) {
        names->list[i] = (struct directory_name){at + 1, (unsigned char)*at};
        at += strlen(at + 1) + 2;
    }
    qsort(names->list, names->list_count, sizeof(*names->list), compare);
    return 0;
}

void names_free(struct directory_names *names)
{
    free(names->bytes);
    free(names->list);
}
