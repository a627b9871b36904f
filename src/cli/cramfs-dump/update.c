#include "cli/cramfs-dump/update.h"

#include <sys/stat.h>

#include "cli/common/cleanup.h"
#include "cli/common/output.h"
#include "cramfs/update.h"

/* An image must not be replaced by the update to or from it. */
static int refuse_image(const struct dump_arguments *arguments, struct cramfs_diags *diags)
{
    const char *images[] = {arguments->open.image, arguments->new_image};
    struct stat update;
    struct stat image;
    if (stat(arguments->update, &update) != 0 ||
        !(S_ISREG(update.st_mode) || S_ISBLK(update.st_mode)))
        return 0;
    for (int i = 0; i < 2; i++) {
        if (stat(images[i], &image) == 0 && image.st_dev == update.st_dev &&
            image.st_ino == update.st_ino)
            return cramfs_fail(diags, CRAMFS_ERR_USAGE, arguments->update,
                               "the update would replace an image; write it to another file");
    }
    return 0;
}

static int close_output(struct cramfs_output *output, bool keep, struct cramfs_diags *diags)
{
    hold_signals();
    forget_on_signal();
    int error = cramfs_output_close(output, keep, diags);
    release_signals();
    return error;
}

struct update {
    const struct cramfs_view *views[2];
    uint64_t erase_block;
    struct cramfs_diags *diags;
};

static int write_bytes(void *context, FILE *out)
{
    const struct update *update = context;
    return cramfs_write_update(out, update->views[0], update->views[1], update->erase_block,
                               update->diags);
}

int write_update(const struct dump_arguments *arguments, const struct cramfs_view *old_view,
                 const struct cramfs_view *new_view, struct cramfs_diags *diags)
{
    struct update update = {{old_view, new_view}, arguments->erase_block, diags};
    struct cramfs_output output;
    int error = refuse_image(arguments, diags);
    if (error)
        return error;
    catch_signals();
    error = open_output(arguments->update, &output, diags);
    if (error)
        return error;
    error = fill_output(&output, write_bytes, &update, diags);
    int closed = close_output(&output, !error, diags);
    return error ? error : closed;
}
