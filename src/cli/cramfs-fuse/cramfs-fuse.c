/*
 * cramfs-fuse: mounts an image without root and without the kernel's cramfs.
 */
#include "cli/cramfs-fuse/mounted.h"
#include "cli/cramfs-fuse/options.h"
#include "cli/cramfs-fuse/session.h"

int main(int argc, char **argv)
{
    struct fuse_arguments arguments;
    struct cramfs_diags diags = {0};
    struct mounted mounted;
    parse_fuse_arguments(argc, argv, &arguments);

    int code = mounted_open(&arguments.open, &mounted, &diags);
    print_diags(&diags, false); /* before standard error is closed in the background */
    if (code == EXIT_CLEAN)
        code = serve_mount(&arguments, &mounted);
    mounted_close(&mounted);
    free_fuse_arguments(&arguments);
    return finish_output(code);
}
