#include "read/source/entries.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/remedy.h"
#include "read/judge.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/layers/second.h"
#include "tree/taken.h"

static int take_target(const struct entries_source *source, const struct cramfs_inode *inode,
                       struct cramfs_node *node)
{
    unsigned char *bytes;
    int error = cramfs_image_read_file(source->image, inode, source->inflater, &bytes);
    if (error)
        return error == -CRAMFS_ERR_MEMORY
                   ? cramfs_fail_memory(source->diags)
                   : cramfs_node_fail(source->diags, CRAMFS_ERR_FORMAT, node,
                                      "the target of the link cannot be read");
    free(node->target);
    node->target = (char *)bytes; /* a zero follows it */
    node->size = strlen(node->target);
    return 0;
}

/* Sets a node from its inode. An entry that the checker called sound can be read. */
static int fill_node(const struct entries_source *source, const struct cramfs_inode *inode,
                     struct cramfs_node *node)
{
    node->uid = inode->uid;
    node->gid = inode->gid;
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        node->size = inode->size;
        node->source = source->bytes;
        node->source_offset = inode->offset;
        return taken_count(source->tree, node->size, source->damage->path, source->diags);
    case S_IFLNK:
        return take_target(source, inode, node);
    case S_IFCHR:
    case S_IFBLK:
        node->major = inode->size >> 8;
        node->minor = inode->size & 0xff;
        return 0;
    default:
        return 0;
    }
}

/* Whether the entry can be read in full, whatever the checker reported about it. */
static bool is_sound(const struct entries_source *source, uint32_t number)
{
    const struct cramfs_entry *entry = &source->survey->entries.list[number];
    const struct cramfs_inode *inode = &entry->inode;
    bool has_blocks = S_ISREG(inode->mode) || S_ISLNK(inode->mode);
    if (damage_has(source->damage, number) || (number && !judge_name_sound(entry)) ||
        judge_inode_all(inode, source->image->page_size) != CRAMFS_RULES_COUNT)
        return false;
    if (S_ISDIR(inode->mode))
        return entry->walked || !inode->size;
    return !has_blocks || !inode->size || cramfs_survey_has_blocks(source->survey, number);
}

/*
 * Why the bytes of a file or link are not good; NULL if they are. If the image has no errors, the
 * checker has read them all; otherwise it may have skipped faulty blocks.
 */
static int find_fault(const struct entries_source *source, const struct cramfs_inode *inode,
                      const char **fault)
{
    unsigned char *bytes;
    *fault = NULL;
    if (!source->damage->errors || !inode->size || !(S_ISREG(inode->mode) || S_ISLNK(inode->mode)))
        return 0;
    int error = cramfs_image_read_file(source->image, inode, source->inflater, &bytes);
    if (error == -CRAMFS_ERR_MEMORY)
        return cramfs_fail_memory(source->diags);
    if (error) {
        *fault = "a block of it cannot be read";
        return 0;
    }
    if (S_ISLNK(inode->mode) &&
        judge_target_cut(inode->size, judge_text_length(bytes, inode->size)))
        *fault = "its target contains a NUL byte";
    free(bytes);
    return 0;
}

/* Whether an entry can be taken. If its bytes are not good, it is left out and reported. */
static int try_file(const struct entries_source *source, uint32_t number, bool *good)
{
    const struct cramfs_entry *entry = &source->survey->entries.list[number];
    const char *fault;
    int error = find_fault(source, &entry->inode, &fault);
    *good = !error && !fault;
    if (error || !fault)
        return error;
    char path[CRAMFS_PATH_SIZE];
    char shown[CRAMFS_PATH_SIZE];
    size_t length = cramfs_entry_path(&source->survey->entries, number, path, sizeof(path));
    cramfs_report(source->diags, CRAMFS_ALLOWED, CRAMFS_ERR_FORMAT, source->damage->path,
                  "%s: left out: %s", cramfs_escape(path, length, shown, sizeof(shown)), fault);
    return 0;
}

/*
 * Two entries can get the same path through links of earlier sources, and where names are dropped.
 */
static int refuse_second(const struct entries_source *source, uint32_t number,
                         const struct cramfs_node *there)
{
    const struct cramfs_entries *entries = &source->survey->entries;
    char path[CRAMFS_PATH_SIZE];
    if (!there || there->layer != source->tree->layer)
        return 0;
    cramfs_entry_path(entries, number, path, sizeof(path));
    return second_refuse(source->tree, there, entries->list[number].inode.mode,
                         source->damage->path, path, source->diags);
}

static int take_entry(const struct entries_source *source, uint32_t number,
                      struct cramfs_node *parent, struct cramfs_node **node)
{
    const struct cramfs_entry *entry = &source->survey->entries.list[number];
    char name[CRAMFS_MAX_NAME + 1];
    bool good;
    memcpy(name, entry->name, entry->name_bytes);
    name[entry->name_bytes] = '\0';
    int excluded = cramfs_excludes_match_in(source->tree->excludes, parent, name);
    if (excluded)
        return excluded < 0 ? cramfs_fail_memory(source->diags) : 0;
    int tried = try_file(source, number, &good);
    if (tried || !good)
        return tried;
    int second = refuse_second(source, number, cramfs_tree_find(source->tree, parent, name));
    int put = layers_put(source->tree, parent, name, entry->inode.mode, source->diags, node);
    int error = *node ? fill_node(source, &entry->inode, *node) : 0;
    return error ? error : put ? put : second;
}

static int take_root(const struct entries_source *source)
{
    const struct cramfs_inode *inode = &source->survey->entries.list[0].inode;
    struct cramfs_node *root = source->tree->root;
    if (!S_ISDIR(inode->mode) || !is_sound(source, 0))
        return cramfs_fail(source->diags, CRAMFS_ERR_FORMAT, source->damage->path,
                           "the root directory of the image cannot be read");
    root->mode = inode->mode;
    root->uid = inode->uid;
    root->gid = inode->gid;
    return 0;
}

/*
 * A directory comes before its entries, so nothing is put below one that was left out. All losses
 * of earlier sources are reported, not only the first.
 */
static int take_all(const struct entries_source *source)
{
    const struct cramfs_entries *entries = &source->survey->entries;
    struct cramfs_node **nodes = calloc(entries->list_count, sizeof(struct cramfs_node *));
    if (!nodes)
        return cramfs_fail_memory(source->diags);
    int result = take_root(source);
    nodes[0] = result ? NULL : source->tree->root;
    for (uint32_t i = 1;
         result != -CRAMFS_ERR_MEMORY && result != -CRAMFS_ERR_LIMIT && i < entries->list_count;
         i++) {
        int error = 0;
        struct cramfs_node *parent = nodes[entries->list[i].parent];
        if (parent && is_sound(source, i))
            error = take_entry(source, i, parent, &nodes[i]);
        result = error ? error : result;
    }
    free(nodes);
    return result;
}

/* Takes an entry whose path in the tree is known; *left_out when a pattern matches it. */
static int take_placed(const struct entries_source *source, uint32_t number, const char *path,
                       bool *left_out)
{
    const struct cramfs_inode *inode = &source->survey->entries.list[number].inode;
    struct cramfs_tree *tree = source->tree;
    struct cramfs_node *node;
    char *last = layers_path(tree, path);
    int excluded = last ? cramfs_excludes_match(tree->excludes, last) : -CRAMFS_ERR_MEMORY;
    free(last);
    *left_out = excluded;
    if (excluded)
        return excluded < 0 ? cramfs_fail_memory(source->diags) : 0;
    int error = cramfs_tree_put_path(tree, path, inode->mode, source->diags, &node);
    return error ? error : fill_node(source, inode, node);
}

/* The same for an entry by its path in the image, when only a part of the image is taken. */
static int take_part_entry(const struct entries_source *source, uint32_t number, bool *left_out)
{
    const struct cramfs_entries *entries = &source->survey->entries;
    uint32_t mode = entries->list[number].inode.mode;
    char path[CRAMFS_PATH_SIZE];
    char *to;
    *left_out = false;
    if (cramfs_entry_path(entries, number, path, sizeof(path)) >= sizeof(path) - 1)
        return cramfs_fail(source->diags, CRAMFS_ERR_FORMAT, source->damage->path,
                           "a path is too long to take a part of the image");
    int error = part_place(source->tree, path, mode, source->diags, &to);
    int second = 0;
    if (!error && to)
        second = refuse_second(source, number, layers_lookup(source->tree, to));
    if (!error && to)
        error = take_placed(source, number, to, left_out);
    free(to);
    return error ? error : second;
}

static int take_part(const struct entries_source *source)
{
    const struct cramfs_entries *entries = &source->survey->entries;
    bool *gone = calloc(entries->list_count, sizeof(*gone));
    int result = 0;
    for (uint32_t i = 0; gone && result != -CRAMFS_ERR_MEMORY && i < entries->list_count; i++) {
        gone[i] = (i && gone[entries->list[i].parent]) || !is_sound(source, i);
        int error = gone[i] ? 0 : take_part_entry(source, i, &gone[i]);
        result = error ? error : result;
    }
    free(gone);
    return gone ? result : cramfs_fail_memory(source->diags);
}

int entries_take(const struct entries_source *source)
{
    return source->tree->part ? take_part(source) : take_all(source);
}
