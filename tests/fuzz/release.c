#include "release.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "prove.h"

/* The least room for the growth of a file. */
enum { MOST_GROWTH = 3 * CRAMFS_MAX_PAGE_SIZE, CAPACITY = 2 * FUZZ_MOST_BYTES };

struct making {
    const struct cramfs_image *image;
    const struct cramfs_entries *entries;
    struct numbers *numbers;
    uint32_t rate;
    struct release *release;
    struct cramfs_node **directories; /* by entry, or NULL */
    struct cramfs_inflater *inflater;
};

static uint32_t number(const struct making *making, uint32_t below)
{
    return next_number(making->numbers, below);
}

static bool edited(const struct making *making)
{
    return making->rate && number(making, making->rate) == 0;
}

static int read_release(const struct cramfs_source *source, const struct cramfs_node *node,
                        void *to, struct cramfs_diags *diags)
{
    (void)source;
    (void)diags;
    memcpy(to, (const unsigned char *)(uintptr_t)node->source_offset, (size_t)node->size);
    return 0;
}

static const struct cramfs_source in_release = {.read = read_release};

static bool give_bytes(const struct making *making, struct cramfs_node *node,
                       const unsigned char *bytes, size_t size)
{
    struct release *release = making->release;
    unsigned char *to = release->bytes + release->used;
    if (size + MOST_GROWTH > CAPACITY - release->used)
        return false;
    memcpy(to, bytes, size);
    node->size =
        edited(making) ? edit_bytes(making->numbers, making->image->page_size, to, size) : size;
    node->source = &in_release;
    node->source_offset = (uintptr_t)to;
    release->used += (size_t)node->size;
    if (edited(making))
        node->xip = (unsigned char)number(making, CRAMFS_XIP_FILE + 1);
    return true;
}

static bool give_target(const struct making *making, struct cramfs_node *node,
                        const unsigned char *bytes, size_t size)
{
    node->target = calloc(size + 2, 1);
    FUZZ_EXPECT(node->target);
    memcpy(node->target, bytes, size);
    if (!size || (edited(making) && size + 2 < making->image->page_size))
        node->target[size] = 'x';
    node->size = strlen(node->target);
    return true;
}

/* The contents of a file or link; empty if they cannot be read. */
static bool give_content(const struct making *making, struct cramfs_node *node,
                         const struct cramfs_inode *inode)
{
    unsigned char *bytes = NULL;
    if (inode->size > FUZZ_MOST_BYTES)
        return false;
    int error = cramfs_image_read_file(making->image, inode, making->inflater, &bytes);
    const unsigned char *found = error ? (const unsigned char *)"" : bytes;
    size_t size = error ? 0 : inode->size;
    bool given = S_ISREG(node->mode) ? give_bytes(making, node, found, size)
                                     : give_target(making, node, found, size);
    free(bytes);
    return given;
}

static struct cramfs_node *any_directory(const struct making *making, uint32_t before)
{
    struct cramfs_node *found = making->directories[number(making, before)];
    return found ? found : making->release->tree->root;
}

static bool add_entry(const struct making *making, uint32_t number_of_it)
{
    const struct cramfs_entry *entry = &making->entries->list[number_of_it];
    const struct cramfs_inode *inode = &entry->inode;
    struct cramfs_node *parent = making->directories[entry->parent];
    char name[CRAMFS_MAX_NAME + 1] = {0};
    memcpy(name, entry->name, entry->name_bytes);
    if (edited(making))
        edit_name(making->numbers, name);
    if (parent && edited(making))
        parent = any_directory(making, number_of_it);
    if (!parent || edited(making) || strcmp(name, "..") == 0 ||
        cramfs_tree_find(making->release->tree, parent, name))
        return true;
    struct cramfs_node *node = cramfs_tree_put(making->release->tree, parent, name, inode->mode);
    FUZZ_EXPECT(node);
    node->uid = edited(making) ? number(making, CRAMFS_MAX_UID + 1) : inode->uid;
    node->gid = inode->gid;
    node->mode ^= edited(making) ? 1u << number(making, 9) : 0;
    if (S_ISDIR(node->mode))
        making->directories[number_of_it] = node;
    if (S_ISCHR(node->mode) || S_ISBLK(node->mode)) {
        node->major = inode->size >> 8;
        node->minor = inode->size & 255;
    }
    bool has_content = S_ISREG(node->mode) || S_ISLNK(node->mode);
    return !has_content || give_content(making, node, inode);
}

/* New files, some with the contents of others. */
static bool add_files(const struct making *making)
{
    static const char *const names[] = {"a new file", "0", "zz"};
    unsigned char *bytes = calloc(MOST_GROWTH, 1);
    FUZZ_EXPECT(bytes);
    bool fits = true;
    for (size_t i = 0; fits && i < sizeof(names) / sizeof(*names); i++) {
        struct cramfs_node *parent = any_directory(making, making->entries->list_count);
        const struct release *release = making->release;
        size_t size = edit_growth(making->numbers, making->image->page_size);
        if (!edited(making) || cramfs_tree_find(release->tree, parent, names[i]))
            continue;
        edit_fill(making->numbers, bytes, size);
        if (release->used && number(making, 2)) {
            size_t from = number(making, (uint32_t)release->used);
            size = release->used - from < MOST_GROWTH ? release->used - from : MOST_GROWTH;
            memcpy(bytes, release->bytes + from, size);
        }
        struct cramfs_node *node = cramfs_tree_put(release->tree, parent, names[i], S_IFREG | 0755);
        FUZZ_EXPECT(node);
        fits = give_bytes(making, node, bytes, size);
    }
    free(bytes);
    return fits;
}

static bool add_all(struct making *making)
{
    const struct cramfs_inode *root = &making->entries->list[0].inode;
    struct cramfs_tree *tree = making->release->tree;
    bool fits = making->entries->list_count <= FUZZ_MOST_NODES;
    making->directories[0] = tree->root;
    tree->root->mode = root->mode;
    tree->root->uid = root->uid;
    tree->root->gid = root->gid;
    for (uint32_t i = 1; fits && i < making->entries->list_count; i++)
        fits = add_entry(making, i);
    return fits && add_files(making) && cramfs_tree_finish(tree) == 0 && fuzz_tree_fits(tree);
}

bool release_make(const struct cramfs_like_image *image, struct numbers *numbers, uint32_t rate,
                  struct release *release)
{
    const struct cramfs_entries *entries = &image->survey.entries;
    *release = (struct release){.tree = cramfs_tree_create(), .bytes = malloc(CAPACITY)};
    struct making making = {
        .image = &image->image,
        .entries = entries,
        .numbers = numbers,
        .rate = rate,
        .release = release,
        .directories = calloc(entries->list_count, sizeof(struct cramfs_node *)),
        .inflater = cramfs_inflater_create(),
    };
    FUZZ_EXPECT(release->tree && release->bytes && making.directories && making.inflater);
    bool fits = add_all(&making);
    free(making.directories);
    cramfs_inflater_free(making.inflater);
    return fits;
}

void release_free(struct release *release)
{
    cramfs_tree_free(release->tree);
    free(release->bytes);
}
