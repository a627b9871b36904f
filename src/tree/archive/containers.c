#include "tree/archive/containers.h"

/* Two names at the root that no system has there together, and what to do. */
static const struct container {
    const char *names[2];
    const char *what;
    const char *remedy;
} containers[] = {
    {{"debian-binary", "data.tar.gz"}, "a package", "tar -xOf FILE ./data.tar.gz | mkcramfs-xip -"},
    {{"debian-binary", "data.tar.xz"}, "a package", "tar -xOf FILE ./data.tar.xz | mkcramfs-xip -"},
    {{"debian-binary", "data.tar.zst"},
     "a package",
     "tar -xOf FILE ./data.tar.zst | mkcramfs-xip -"},
    {{"oci-layout", "index.json"},
     "an image of a container",
     "name its layers from the lowest on, each as a SOURCE, with --whiteouts"},
    {{"manifest.json", "repositories"},
     "an image of a container",
     "name its layers from the lowest on, each as a SOURCE, with --whiteouts"},
};

static bool brought(const struct archive_reading *reading, const char *name)
{
    const struct cramfs_node *node = cramfs_tree_lookup(reading->tree, name);
    return node && node->layer == reading->tree->layer;
}

int refuse_container(const struct archive_reading *reading)
{
    for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++) {
        const struct container *container = &containers[i];
        if (brought(reading, container->names[0]) && brought(reading, container->names[1]))
            return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->path,
                               "is %s, which holds its files in an archive of its own; %s",
                               container->what, container->remedy);
    }
    return 0;
}
