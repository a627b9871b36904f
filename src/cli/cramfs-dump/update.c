#include "cli/cramfs-dump/update.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/common/cleanup.h"
#include "cramfs/output.h"
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

/* While a temporary file has a name that is not remembered yet, no signal may come. */
static int open_output(const char *path, struct cramfs_output *output, struct cramfs_diags *diags)
{
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return cramfs_output_open(path, output, diags);
    hold_signals();
    int error = cramfs_output_open(path, output, diags);
    remove_on_signal(output->temporary);
    release_signals();
    return error;
}

static int close_output(struct cramfs_output *output, bool keep, struct cramfs_diags *diags)
{
    hold_signals();
    forget_on_signal();
    int error = cramfs_output_close(output, keep, diags);
    release_signals();
    return error;
}

/* fclose() is where a full disk shows. */
static int write_to(int file, const struct dump_arguments *arguments,
                    const struct cramfs_view *old_view, const struct cramfs_view *new_view,
                    struct cramfs_diags *diags)
{
    int copy = dup(file);
    FILE *out = copy < 0 ? NULL : fdopen(copy, "w");
    int error = -CRAMFS_ERR_IO;
    if (out)
        error = cramfs_write_update(out, old_view, new_view, arguments->erase_block, diags);
    else if (copy >= 0)
        close(copy);
    if (out && fclose(out) != 0 && !error)
        error = -CRAMFS_ERR_IO;
    if (error == -CRAMFS_ERR_IO)
        cramfs_fail(diags, CRAMFS_ERR_IO, arguments->update, "cannot write: %s", strerror(errno));
    return error;
}

int write_update(const struct dump_arguments *arguments, const struct cramfs_view *old_view,
                 const struct cramfs_view *new_view, struct cramfs_diags *diags)
{
    struct cramfs_output output;
    int error = refuse_image(arguments, diags);
    if (error)
        return error;
    catch_signals();
    error = open_output(arguments->update, &output, diags);
    if (error)
        return error;
    error = write_to(output.file, arguments, old_view, new_view, diags);
    int closed = close_output(&output, !error, diags);
    return error ? error : closed;
}
