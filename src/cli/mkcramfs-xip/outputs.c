#include "cli/mkcramfs-xip/outputs.h"

#include <string.h>

#include "cli/common/cleanup.h"
#include "cli/common/output.h"

const char *output_path(const struct arguments *arguments, enum output_kind kind)
{
    switch (kind) {
    case OUTPUT_IMAGE:
        return arguments->operands.image;
    case OUTPUT_EXTENTS:
        return arguments->outputs.extents;
    case OUTPUT_DEPFILE:
        return arguments->outputs.depfile;
    case OUTPUT_STATS:
        return arguments->outputs.stats_file;
    case OUTPUTS_COUNT:
        break;
    }
    return NULL;
}

/*
 * Before the names of temporary files are freed, signals must not use them any more. The image
 * comes last: after any failure the old image is still there.
 */
int close_outputs(struct outputs *outputs, bool keep, struct cramfs_diags *diags)
{
    int result = 0;
    hold_signals();
    forget_on_signal();
    for (int i = OUTPUTS_COUNT; i-- > 0;) {
        if (!outputs->opened[i])
            continue;
        int error = cramfs_output_close(&outputs->list[i], keep && !result, diags);
        result = result ? result : error;
    }
    release_signals();
    return result;
}

static int refuse_same(const struct outputs *outputs, int which, struct cramfs_diags *diags)
{
    const char *path = outputs->list[which].path;
    for (int i = 0; i < which; i++) {
        if (outputs->opened[i] && strcmp(outputs->list[i].path, path) == 0)
            return cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                               "it is named for two outputs; write image, extents, dependencies "
                               "and statistics to different files");
    }
    return 0;
}

int open_outputs(const struct arguments *arguments, struct outputs *outputs)
{
    int error = 0;
    *outputs = (struct outputs){0};
    for (int i = 0; !error && i < OUTPUTS_COUNT; i++) {
        const char *path = output_path(arguments, (enum output_kind)i);
        if (!path)
            continue;
        error = open_output(path, &outputs->list[i], arguments->diags);
        outputs->opened[i] = !error;
        if (!error)
            error = refuse_same(outputs, i, arguments->diags);
    }
    if (error)
        close_outputs(outputs, false, arguments->diags);
    return error;
}

int write_output(const struct outputs *outputs, enum output_kind kind,
                 int (*write)(void *context, FILE *out), void *context, struct cramfs_diags *diags)
{
    if (!outputs->opened[kind])
        return 0;
    int error = fill_output(&outputs->list[kind], write, context, diags);
    return error == -CRAMFS_ERR_MEMORY ? cramfs_fail_memory(diags) : error;
}
