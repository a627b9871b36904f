#include "save.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* If an image cannot be kept, the run ends. */
static FILE *create(const char *folder, const char *kind, uint64_t seed, const char *ending)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s-%" PRIu64 ".%s", folder, kind, seed, ending);
    FILE *out = fopen(path, "wb");
    if (!out) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(8);
    }
    return out;
}

static void finish(FILE *out)
{
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        fprintf(stderr, "an image cannot be kept: %s\n", strerror(errno));
        exit(8);
    }
}

void save_image(const char *folder, const char *kind, uint64_t seed, const struct subject *subject)
{
    FILE *out = create(folder, kind, seed, "img");
    fwrite(subject->bytes, 1, subject->length, out);
    finish(out);
}

void save_tree(const char *folder, const char *kind, uint64_t seed, const struct view *view,
               uint32_t page)
{
    FILE *out = create(folder, kind, seed, "tree");
    fprintf(out, "%u\n", page);
    for (size_t i = 0; i < view->count; i++) {
        const struct shown *shown = &view->shown[i];
        const struct inode *inode = &shown->inode;
        uLong crc = shown->bytes ? crc32(0, shown->bytes, inode->size) : 0;
        for (uint32_t at = 0; at < shown->path_length; at++)
            fprintf(out, "%02x", (unsigned char)shown->path[at]);
        fprintf(out, " %o %u %u %u %u %08lx\n", inode->mode, inode->uid, inode->gid,
                inode->device_number, inode->size, crc);
    }
    finish(out);
}

void save_why(const char *folder, const char *kind, uint64_t seed, const char *problem,
              uint32_t page)
{
    FILE *out = create(folder, kind, seed, "why");
    fprintf(out, "%u\n%s\n", page, problem);
    finish(out);
}
