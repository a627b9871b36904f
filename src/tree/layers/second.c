#include "tree/layers/second.h"

#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/remedy.h"
#include "tree/path.h"

uint64_t second_hash(uint64_t above, const char *path)
{
    const char *name;
    uint64_t hash = above;
    for (size_t length; (length = path_name(&path, &name));)
        hash = hash_bytes(name, length, hash);
    return hash;
}

void second_name(struct cramfs_node *node, const char *path)
{
    node->named = second_hash(SECOND_ROOT, path);
}

bool second_is_other(const struct cramfs_node *node, uint64_t hash)
{
    return node->named && node->named != hash;
}

int second_refuse(const struct cramfs_tree *tree, const struct cramfs_node *there, uint32_t mode,
                  const char *source, const char *path, struct cramfs_diags *diags)
{
    if (!there || there->layer != tree->layer || (S_ISDIR(there->mode) && S_ISDIR(mode)))
        return 0;
    bool allowed = tree->allow & CRAMFS_LOSS_BIT(CRAMFS_LOSS_REPLACE);
    const char *cure = tree->part && tree->part->strip
                           ? "drop fewer names, or leave out one of the two"
                           : "leave out one of the two";
    char from[256];
    char shown[256];
    int error =
        cramfs_node_report(diags, allowed ? CRAMFS_ALLOWED : CRAMFS_ERROR, CRAMFS_ERR_FORMAT, there,
                           "two entries of %s have this path, and %s is the second; %s",
                           cramfs_escape(source, strlen(source), from, sizeof(from)),
                           cramfs_escape(path, strlen(path), shown, sizeof(shown)),
                           allowed ? "the first is lost" : cure);
    return allowed ? 0
                   : with_remedy(error, diags, CRAMFS_REMEDY_ALLOW_SOURCE,
                                 cramfs_loss_names()[CRAMFS_LOSS_REPLACE]);
}

int second_refuse_other(const struct cramfs_tree *tree, const struct cramfs_node *there,
                        uint32_t mode, const char *source, const char *path,
                        struct cramfs_diags *diags)
{
    return there && second_is_other(there, second_hash(SECOND_ROOT, path))
               ? second_refuse(tree, there, mode, source, path, diags)
               : 0;
}
