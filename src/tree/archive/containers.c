#include "tree/archive/containers.h"

#include "base/remedy.h"

#define LAYERS "a container image", "; name its layers as sources, the lowest layer first"

/* Two names at the root that no root file system has together, and what to do. */
static const struct container {
    const char *names[2];
    const char *what;
    const char *advice;
    enum cramfs_remedy remedy;
    const char *value;
} containers[] = {
    {{"debian-binary", "data.tar.gz"},
     "a package",
     "",
     CRAMFS_REMEDY_PIPE,
     "tar -xOf FILE ./data.tar.gz"},
    {{"debian-binary", "data.tar.xz"},
     "a package",
     "",
     CRAMFS_REMEDY_PIPE,
     "tar -xOf FILE ./data.tar.xz"},
    {{"debian-binary", "data.tar.zst"},
     "a package",
     "",
     CRAMFS_REMEDY_PIPE,
     "tar -xOf FILE ./data.tar.zst"},
    {{"oci-layout", "index.json"}, LAYERS, CRAMFS_REMEDY_WHITEOUTS, NULL},
    {{"manifest.json", "repositories"}, LAYERS, CRAMFS_REMEDY_WHITEOUTS, NULL},
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
            return with_remedy(cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->path,
                                           "is %s, whose files are in an archive inside it%s",
                                           container->what, container->advice),
                               reading->diags, container->remedy, container->value);
    }
    return 0;
}
