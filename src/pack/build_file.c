#include "cramfs/output.h"
#include "cramfs/plan.h"

int cramfs_build_file(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                      const char *path, struct cramfs_diags *diags)
{
    struct cramfs_plan *plan;
    struct cramfs_output output;
    int error = cramfs_plan_create(tree, options, diags, &plan);
    if (error)
        return error;
    error = cramfs_output_open(path, &output, diags);
    if (!error) {
        error = cramfs_plan_write(plan, output.file, path, diags);
        int closed = cramfs_output_close(&output, !error, diags);
        error = error ? error : closed;
    }
    cramfs_plan_free(plan);
    return error;
}
