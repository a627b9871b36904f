/*
 * list-image IMAGE: mode, owner, size and path of all that is in an image, and where links lead. An
 * example of how to go through an image and read files in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cramfs/walk.h"

static int print_target(const struct cramfs_image *image, const struct cramfs_inode *inode,
                        struct cramfs_inflater *inflater)
{
    unsigned char *target;
    char shown[4 * 4096];
    int error = cramfs_image_read_file(image, inode, inflater, &target);
    if (error)
        return error;
    /* Images are untrusted: a name may hold what would take hold of a terminal. */
    printf(" -> %s", cramfs_escape((const char *)target, inode->size, shown, sizeof(shown)));
    free(target);
    return 0;
}

static int list(const struct cramfs_image *image, struct cramfs_inflater *inflater)
{
    struct cramfs_entries entries;
    int error = cramfs_walk(image, &entries, NULL, NULL);
    for (uint32_t i = 0; !error && i < entries.list_count; i++) {
        const struct cramfs_inode *inode = &entries.list[i].inode;
        char path[CRAMFS_PATH_SIZE];
        char shown[4 * CRAMFS_PATH_SIZE];
        size_t length = cramfs_entry_path(&entries, i, path, sizeof(path));
        printf("%06o %u:%u %8lu %s", (unsigned)inode->mode, (unsigned)inode->uid,
               (unsigned)inode->gid, (unsigned long)inode->size,
               cramfs_escape(path, length, shown, sizeof(shown)));
        if (S_ISLNK(inode->mode))
            error = print_target(image, inode, inflater);
        putchar('\n');
    }
    cramfs_entries_free(&entries);
    return error;
}

int main(int argc, char **argv)
{
    const struct cramfs_open_options as_found = {0};
    struct cramfs_diags diags = {0};
    struct cramfs_image image;
    if (argc != 2) {
        fprintf(stderr, "usage: list-image IMAGE\n");
        return 16;
    }
    if (cramfs_image_open(argv[1], &as_found, &image, &diags) != 0) {
        fprintf(stderr, "%s: %s\n", argv[1],
                diags.list_count ? diags.list[0].text : "out of memory");
        cramfs_diags_free(&diags);
        return 8;
    }
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    int error = inflater ? list(&image, inflater) : -CRAMFS_ERR_MEMORY;
    if (error)
        fprintf(stderr, "%s: %s\n", argv[1],
                error == -CRAMFS_ERR_MEMORY ? "out of memory" : "damaged; see cramfsck");
    cramfs_inflater_free(inflater);
    cramfs_diags_free(&diags);
    cramfs_image_close(&image);
    return error ? 8 : 0;
}
