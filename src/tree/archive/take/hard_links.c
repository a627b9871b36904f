#include "tree/archive/take/hard_links.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "tree/archive/take/bytes.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/layers/second.h"

static int copy_node(const struct archive_reading *reading, struct cramfs_node *to,
                     const struct cramfs_node *from)
{
    to->uid = from->uid;
    to->gid = from->gid;
    to->major = from->major;
    to->minor = from->minor;
    to->size = from->size;
    to->source = from->source;
    to->source_offset = from->source_offset;
    if (!from->target)
        return 0;
    to->target = strdup(from->target);
    return to->target ? 0 : cramfs_fail_memory(reading->diags);
}

static bool lacks_bytes(const struct cramfs_node *node)
{
    return S_ISREG(node->mode) && !node->size;
}

static uint64_t hash_target(const struct cramfs_node *target)
{
    return hash_mix(0, target->serial);
}

struct wanted_target {
    const struct archive_reading *reading;
    const struct cramfs_node *target;
};

static bool has_target(void *context, uint32_t number)
{
    const struct wanted_target *wanted = context;
    return wanted->reading->links[number].target == wanted->target;
}

static struct hard_link *first_link(const struct archive_reading *reading,
                                    const struct cramfs_node *target)
{
    struct wanted_target wanted = {reading, target};
    uint32_t number;
    bool found =
        hash_index_find(&reading->by_target, hash_target(target), has_target, &wanted, &number);
    return found ? &reading->links[number] : NULL;
}

/* Remembers a link until the bytes of `target` come; the first link stays first in its list. */
static int add_link(struct archive_reading *reading, struct cramfs_node *node,
                    struct cramfs_node *target)
{
    uint32_t number = (uint32_t)reading->links_count;
    if (number == NO_LINK || !ARRAY_GROW(reading, links))
        return cramfs_fail_memory(reading->diags);
    struct hard_link *first = first_link(reading, target);
    reading->links[reading->links_count++] =
        (struct hard_link){node, target, first ? first->next : NO_LINK};
    if (first)
        first->next = number;
    else if (hash_index_add(&reading->by_target, hash_target(target), number) != 0)
        return cramfs_fail_memory(reading->diags);
    return 0;
}

/* The bytes of `target` have come: its other names get them, too; each is settled once. */
static int settle_links(const struct archive_reading *reading, const struct cramfs_node *target)
{
    int error = 0;
    struct hard_link *link = first_link(reading, target);
    while (link && !error) {
        struct cramfs_node *node = link->node;
        /* Another entry may have taken the name since. */
        if (node && !node->removed && lacks_bytes(node))
            error = copy_node(reading, node, target);
        uint32_t next = link->next;
        link->node = NULL;
        link->next = NO_LINK;
        link = next == NO_LINK ? NULL : &reading->links[next];
    }
    return error;
}

static int link_node(struct archive_reading *reading, struct archive_entry *entry, const char *path,
                     struct cramfs_node *target)
{
    struct cramfs_node *node;
    int error = cramfs_tree_put_path(reading->tree, path, target->mode, reading->diags, &node);
    if (error)
        return error;
    second_name(node, archive_entry_pathname(entry));
    node->linked = true;
    target->linked = true;
    error = lacks_bytes(target) ? add_link(reading, node, target) : 0;
    return error ? error : copy_node(reading, node, target);
}

/*
 * Takes another name of an earlier file, or the same name again. Some archives have the bytes here.
 */
static int take_hard_link_to(struct archive_reading *reading, struct archive_entry *entry,
                             const char *path, const char *name)
{
    struct cramfs_node *target = layers_lookup(reading->tree, name);
    if (!target || S_ISDIR(target->mode))
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, path,
                           "is a hard link to '%s', and no earlier entry has that name", name);
    int error = 0;
    if (layers_lookup(reading->tree, path) != target)
        error = link_node(reading, entry, path, target);
    if (error || !has_bytes(entry) || !lacks_bytes(target))
        return error;
    error = take_bytes(reading, entry, target);
    return error ? error : settle_links(reading, target);
}

int take_hard_link(struct archive_reading *reading, struct archive_entry *entry, const char *path)
{
    char *name;
    int error = part_place_target(reading->tree, path, archive_entry_hardlink(entry),
                                  reading->diags, &name);
    if (!error)
        error = take_hard_link_to(reading, entry, path, name);
    free(name);
    return error;
}
