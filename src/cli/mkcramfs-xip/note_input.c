#include "cli/common/common.h"
#include "cli/mkcramfs-xip/options/options.h"

void note_input(struct arguments *arguments, const char *path)
{
    if (cramfs_inputs_add(&arguments->inputs, path) != 0)
        memory_error();
}
