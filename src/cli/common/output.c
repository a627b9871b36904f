#include "cli/common/output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/common/cleanup.h"

/*
 * No signal may come after a temporary file is made and before it is remembered. A fifo or device
 * has no temporary file, and opening it can wait for long, so there signals are not held back.
 */
int open_output(const char *path, struct cramfs_output *output, struct cramfs_diags *diags)
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

int fill_output(const struct cramfs_output *output, int (*write)(void *context, FILE *out),
                void *context, struct cramfs_diags *diags)
{
    int file = dup(output->file);
    FILE *out = file < 0 ? NULL : fdopen(file, "w");
    int error = out ? write(context, out) : -CRAMFS_ERR_IO;
    bool failed = error == -CRAMFS_ERR_IO || ferror(out);
    if (!out && file >= 0)
        close(file);
    /* fclose() is where a full disk shows. */
    if (out && fclose(out) != 0)
        failed = true;
    if (failed)
        error =
            cramfs_fail(diags, CRAMFS_ERR_IO, output->path, "cannot write: %s", strerror(errno));
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

int write_output_file(const char *path, int (*write)(void *context, FILE *out), void *context,
                      struct cramfs_diags *diags)
{
    struct cramfs_output output;
    catch_signals();
    int error = open_output(path, &output, diags);
    if (error)
        return error;
    error = fill_output(&output, write, context, diags);
    int closed = close_output(&output, !error, diags);
    return error ? error : closed;
}

bool is_one_file(const char *output, const char *input)
{
    struct stat a = {0};
    struct stat b = {0};
    int failed = strcmp(output, "-") == 0 ? fstat(STDOUT_FILENO, &a) : stat(output, &a);
    failed |= strcmp(input, "-") == 0 ? fstat(STDIN_FILENO, &b) : stat(input, &b);
    return failed == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
           (S_ISREG(a.st_mode) || S_ISBLK(a.st_mode));
}

int refuse_input(const char *path, const char *const *inputs, const char *what,
                 struct cramfs_diags *diags)
{
    for (; *inputs; inputs++) {
        if (is_one_file(path, *inputs))
            return cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                               "%s would replace an input; write it to another file", what);
    }
    return 0;
}
