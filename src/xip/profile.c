#include "cramfs/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lower_bound.h"
#include "base/saturate.h"
#include "base/text/text_file.h"
#include "cramfs/codec.h"
#include "cramfs/elf.h"
#include "xip/profile_file.h"
#include "xip/profile_rows.h"

enum { MOST_BYTES = 1 << 30 };

struct cramfs_profile {
    char *text; /* paths and ids point into it */
    struct profile_touch *touches;
    struct cramfs_profile_file *files; /* in order of their paths */
    size_t files_count;
};

static int compare_rows(const void *first, const void *second)
{
    const struct profile_row *a = first;
    const struct profile_row *b = second;
    int paths = strcmp(a->path, b->path);
    if (paths)
        return paths;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

/* Adds one more row of a file. Returns false if its contents differ from those of earlier rows. */
static bool add_row(struct cramfs_profile_file *file, const struct profile_row *row)
{
    bool same = !row->id || !file->id || strcmp(row->id, file->id) == 0;
    file->id = row->id ? row->id : file->id;
    file->touches[file->touches_count++] =
        (struct profile_touch){.offset = row->offset, .count = row->count};
    if (row->processes > file->processes)
        file->processes = row->processes;
    return same;
}

static int build(struct cramfs_profile *profile, struct profile_rows *rows, const char *path,
                 struct cramfs_diags *diags)
{
    int error = 0;
    profile->touches = calloc(rows->list_count + 1, sizeof(*profile->touches));
    profile->files = calloc(rows->list_count + 1, sizeof(*profile->files));
    if (!profile->touches || !profile->files)
        return -CRAMFS_ERR_MEMORY;
    if (rows->list_count)
        qsort(rows->list, rows->list_count, sizeof(*rows->list), compare_rows);
    for (size_t i = 0; i < rows->list_count; i++) {
        const struct profile_row *row = &rows->list[i];
        if (!i || strcmp(row->path, row[-1].path) != 0)
            profile->files[profile->files_count++] =
                (struct cramfs_profile_file){.path = row->path, .touches = &profile->touches[i]};
        if (!add_row(&profile->files[profile->files_count - 1], row))
            error = profile_fail(path, row->line,
                                 "another row gives other contents for the same file", diags);
    }
    return error;
}

int cramfs_profile_read(const char *path, struct cramfs_profile **profile,
                        struct cramfs_diags *diags)
{
    struct profile_rows rows = {0};
    size_t length;
    *profile = calloc(1, sizeof(**profile));
    if (!*profile)
        return cramfs_fail_memory(diags);
    int error = text_file_read(path, "profile", MOST_BYTES, diags, &(*profile)->text, &length);
    if (!error)
        error = profile_rows_read(path, (*profile)->text, length, &rows, diags);
    if (!error)
        error = build(*profile, &rows, path, diags);
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    free(rows.list);
    if (error) {
        cramfs_profile_free(*profile);
        *profile = NULL;
    }
    return error;
}

void cramfs_profile_free(struct cramfs_profile *profile)
{
    if (!profile)
        return;
    free(profile->text);
    free(profile->touches);
    free(profile->files);
    free(profile);
}

size_t cramfs_profile_count(const struct cramfs_profile *profile)
{
    return profile->files_count;
}

const char *cramfs_profile_path(const struct cramfs_profile *profile, size_t index)
{
    return profile->files[index].path;
}

static int compare_path(const void *path, const void *file)
{
    return strcmp(path, ((const struct cramfs_profile_file *)file)->path);
}

const struct cramfs_profile_file *cramfs_profile_find(const struct cramfs_profile *profile,
                                                      const char *path)
{
    return profile->files_count
               ? bsearch(profile_from_root(path), profile->files, profile->files_count,
                         sizeof(*profile->files), compare_path)
               : NULL;
}

static bool touch_is_before(const void *touch, const void *offset)
{
    return ((const struct profile_touch *)touch)->offset < *(const uint64_t *)offset;
}

/* The first touch at or after `offset`. */
static size_t first_at(const struct cramfs_profile_file *file, uint64_t offset)
{
    return lower_bound(&offset, file->touches, file->touches_count, sizeof(*file->touches),
                       touch_is_before);
}

uint64_t cramfs_profile_touches(const struct cramfs_profile_file *file, uint64_t offset,
                                uint64_t length)
{
    uint64_t sum = 0;
    for (size_t i = first_at(file, offset);
         i < file->touches_count && file->touches[i].offset - offset < length; i++)
        saturating_add(&sum, file->touches[i].count);
    return sum;
}

uint32_t cramfs_profile_processes(const struct cramfs_profile_file *file)
{
    return file->processes;
}

/* Makes the id of the bytes, of the same kind as `id`. Returns false if they have none. */
static bool make_id(const char *id, const void *bytes, size_t size, char *to, size_t to_size)
{
    if (id[0] == 'c') {
        snprintf(to, to_size, "crc32:%08" PRIx32, cramfs_crc32(0, bytes, size));
        return true;
    }
    int used = snprintf(to, to_size, "build-id:");
    return cramfs_elf_build_id(bytes, size, to + used, to_size - (size_t)used);
}

const char *cramfs_profile_difference(const struct cramfs_profile_file *file, const void *bytes,
                                      size_t size, char *text, size_t text_size)
{
    char found[160];
    uint64_t last = file->touches_count ? file->touches[file->touches_count - 1].offset : 0;
    if (last >= size) {
        snprintf(text, text_size,
                 "offset %" PRIu64 " is after the end of the file, which has %zu bytes", last,
                 size);
        return text;
    }
    if (!file->id)
        return NULL;
    if (!make_id(file->id, bytes, size, found, sizeof(found)))
        snprintf(text, text_size, "the file has no build id");
    else if (strcasecmp(found, file->id) != 0)
        snprintf(text, text_size, "the file is now %s", found);
    else
        return NULL;
    return text;
}
