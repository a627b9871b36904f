/*
 * list-image IMAGE: prints mode, owner, size and path of each entry of an image, and the targets of
 * links. An example of how to walk an image and read files in it.
 */
#include <cramfs/cramfs.h>

#include <stdlib.h>
#include <sys/stat.h>

static int print_target(const struct cramfs_image *image, const struct cramfs_inode *inode,
                        struct cramfs_inflater *inflater)
{
    unsigned char *target;
    char shown[4 * 4096];
    int error = cramfs_image_read_file(image, inode, inflater, &target);
    if (error)
        return error;
    /* Images are untrusted: a name may have bytes that control a terminal. */
    printf(" -> %s", cramfs_escape((const char *)target, inode->size, shown, sizeof(shown)));
    free(target);
    return 0;
}

static int list(const struct cramfs_view *view, struct cramfs_inflater *inflater)
{
    const struct cramfs_entries *entries = &view->survey->entries;
    int error = 0;
    for (uint32_t i = 0; !error && i < entries->list_count; i++) {
        const struct cramfs_inode *inode = &entries->list[i].inode;
        char path[CRAMFS_PATH_SIZE];
        char shown[4 * CRAMFS_PATH_SIZE];
        size_t length = cramfs_entry_path(entries, i, path, sizeof(path));
        printf("%06o %u:%u %8lu %s", (unsigned)inode->mode, (unsigned)inode->uid,
               (unsigned)inode->gid, (unsigned long)inode->size,
               cramfs_escape(path, length, shown, sizeof(shown)));
        if (S_ISLNK(inode->mode))
            error = print_target(view->image, inode, inflater);
        putchar('\n');
    }
    return error;
}

int main(int argc, char **argv)
{
    struct cramfs_diags diags = {0};
    struct cramfs_view *view;
    if (argc != 2) {
        fprintf(stderr, "usage: list-image IMAGE\n");
        return 16;
    }
    int error = cramfs_view_open(argv[1], NULL, &diags, &view);
    if (!error) {
        struct cramfs_inflater *inflater = cramfs_inflater_create();
        error = inflater ? list(view, inflater) : -CRAMFS_ERR_MEMORY;
        if (error)
            cramfs_fail(&diags, CRAMFS_ERR_FORMAT, argv[1],
                        "it is damaged, or memory ran out; cramfsck says more");
        cramfs_inflater_free(inflater);
    }
    cramfs_diags_print(&diags, stderr, "list-image", CRAMFS_ERROR, NULL);
    cramfs_diags_free(&diags);
    cramfs_view_close(view);
    return error ? 8 : 0;
}
