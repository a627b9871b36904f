/*
 * A device table over a small tree with every case for a line. What follows a line "%passwd" is the
 * tree's /etc/passwd and /etc/group, which are not ours either. Tables with ranges of many nodes
 * are skipped: they take time and show nothing more.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/stat.h>

#include "cramfs/device_table.h"

static const char separator[] = "\n%passwd\n";
static const char usual_accounts[] = "root:x:0:0:root:/root:/bin/sh\ntty:x:5:\nwww:x:33:33\n";

struct accounts {
    struct cramfs_source base;
    const void *bytes;
    size_t size;
};

static int read_accounts(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                         struct cramfs_diags *diags)
{
    (void)diags;
    const struct accounts *accounts = (const struct accounts *)base;
    FUZZ_EXPECT(node->size == accounts->size);
    memcpy(to, accounts->bytes, accounts->size);
    return 0;
}

static bool fill(struct cramfs_tree *tree, const struct accounts *accounts)
{
    static const struct {
        const char *path;
        uint32_t mode;
        const char *target;
    } entries[] = {
        {"/etc/passwd", S_IFREG | 0644, NULL}, {"/etc/group", S_IFREG | 0644, NULL},
        {"/usr/bin/sh", S_IFREG | 0755, NULL}, {"/bin", S_IFLNK | 0777, "usr/bin"},
        {"/abs", S_IFLNK | 0777, "/usr/bin"},  {"/up", S_IFLNK | 0777, "../../etc"},
        {"/a", S_IFLNK | 0777, "b"},           {"/b", S_IFLNK | 0777, "a/c"},
        {"/gone", S_IFLNK | 0777, "nowhere"},  {"/dev/null", S_IFCHR | 0666, NULL},
        {"/srv/w/x", S_IFDIR | 0755, NULL},    {"/pipe", S_IFIFO | 0600, NULL},
    };
    for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
        struct cramfs_node *node;
        if (cramfs_tree_put_path(tree, entries[i].path, entries[i].mode, NULL, &node) != 0)
            return false;
        if (S_ISREG(node->mode)) {
            node->source = &accounts->base;
            node->size = accounts->size;
        }
        if (entries[i].target) {
            node->target = strdup(entries[i].target);
            node->size = strlen(entries[i].target);
        }
        if (entries[i].target && !node->target)
            return false;
    }
    return true;
}

/* Whether a line has a count, its tenth field, that makes many nodes. */
static bool has_long_range(const uint8_t *bytes, size_t size)
{
    enum { COUNT_FIELD = 10, MOST_NODES = 256 };
    unsigned field = 0;
    uint64_t number = 0;
    bool blank = true;
    for (size_t i = 0; i < size; i++) {
        bool was_blank = blank;
        blank = strchr(" \t\r\v\f\n", bytes[i]) && bytes[i];
        if (bytes[i] == '\n')
            field = 0;
        else if (was_blank && !blank && ++field == COUNT_FIELD)
            number = 0;
        if (field == COUNT_FIELD && bytes[i] >= '0' && bytes[i] <= '9')
            number = number * 10 + (uint64_t)(bytes[i] - '0');
        if (field == COUNT_FIELD && number > MOST_NODES)
            return true;
    }
    return false;
}

static void expect_sound(struct cramfs_tree *tree)
{
    if (cramfs_tree_finish(tree) != 0)
        return;
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct cramfs_node *node = tree->nodes[i];
        FUZZ_EXPECT(node->number == i);
        FUZZ_EXPECT(!node->parent || (node->name[0] && !strchr(node->name, '/')));
        FUZZ_EXPECT(!node->parent || cramfs_tree_find(tree, node->parent, node->name) == node);
        FUZZ_EXPECT(!node->children_count || S_ISDIR(node->mode));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct accounts accounts = {
        {read_accounts, NULL, NULL}, usual_accounts, sizeof(usual_accounts) - 1};
    const uint8_t *end = size ? memmem(bytes, size, separator, sizeof(separator) - 1) : NULL;
    if (end) {
        accounts.bytes = end + sizeof(separator) - 1;
        accounts.size = (size_t)(bytes + size - (const uint8_t *)accounts.bytes);
        size = (size_t)(end - bytes);
    }
    if (has_long_range(bytes, size))
        return 0;
    struct cramfs_diags diags = {0};
    struct cramfs_tree *tree = cramfs_tree_create();
    if (tree && fill(tree, &accounts)) {
        int error = cramfs_tree_read_device_table(tree, fuzz_file(bytes, size), &diags);
        FUZZ_EXPECT((error != 0) == (diags.errors > 0));
        expect_sound(tree);
        cramfs_tree_report_losses(tree, &diags);
        cramfs_tree_fit(tree, 4096, &diags);
    }
    for (size_t i = 0; i < diags.list_count; i++)
        FUZZ_EXPECT(diags.list[i].text[0] && !strchr(diags.list[i].text, '\n'));
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
    return 0;
}
