#include "cli/cramfs-dump/update.h"

#include "cli/common/output.h"
#include "cramfs/update.h"

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
    const char *const inputs[] = {arguments->open.image, arguments->new_image, NULL};
    struct update update = {{old_view, new_view}, arguments->erase_block, diags};
    int error = refuse_input(arguments->update, inputs, "the update", diags);
    return error ? error : write_output_file(arguments->update, write_bytes, &update, diags);
}
