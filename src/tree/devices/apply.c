#include "tree/devices/apply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "tree/layers/layers.h"
#include "tree/resolve.h"

/* Mode and owner of a line, after names were looked up. */
struct attributes {
    bool keep_mode, keep_uid, keep_gid;
    uint32_t mode, uid, gid;
};

#define FAIL(target, ...)                                                                          \
    cramfs_fail((target)->diags, CRAMFS_ERR_FORMAT, (target)->where, __VA_ARGS__)

static int fail_blocked(const struct device_target *target, const char *path,
                        const struct resolved_place *place)
{
    char shown[DEVICE_SHOWN_SIZE];
    char name[DEVICE_SHOWN_SIZE];
    return FAIL(target,
                "'%s': the directory '%s' in this path does not exist; put it into a source, or "
                "write a line of type d for it",
                device_shown(path, shown), device_shown(place->blocked, name));
}

static void set_attributes(struct cramfs_node *node, const struct attributes *attributes)
{
    if (!attributes->keep_mode && !S_ISLNK(node->mode))
        node->mode = (node->mode & S_IFMT) | attributes->mode;
    if (!attributes->keep_uid)
        node->uid = attributes->uid;
    if (!attributes->keep_gid)
        node->gid = attributes->gid;
}

/* f, F and l: the file must exist, except for F. */
static int apply_to_existing(const struct device_target *target, const struct device_line *line,
                             const struct attributes *attributes)
{
    bool link = line->type == 'l';
    char shown[DEVICE_SHOWN_SIZE];
    struct resolved_place place;
    int error = resolve_place(target->tree, line->path, false, target->diags, &place);
    if (!error && !link)
        error = resolve_link(target->tree, target->diags, &place.node);
    struct cramfs_node *node = place.node;
    bool found = node && (link ? S_ISLNK(node->mode) : S_ISREG(node->mode));
    if (!error && found)
        set_attributes(node, attributes);
    else if (!error && line->type != 'F')
        error =
            FAIL(target, "'%s' is not %s, and a device table cannot make one; put it into a source",
                 device_shown(line->path, shown), link ? "a symbolic link" : "a regular file");
    free(place.copy);
    return error;
}

static int make_directory(const struct device_target *target, const struct device_line *line,
                          const struct attributes *attributes, struct resolved_place *place)
{
    char shown[DEVICE_SHOWN_SIZE];
    if (attributes->keep_mode || attributes->keep_uid || attributes->keep_gid)
        return FAIL(target,
                    "'%s' does not exist yet, so -1 has nothing to keep; write a mode, uid and gid",
                    device_shown(line->path, shown));
    place->node = cramfs_tree_put(target->tree, place->parent, place->name, S_IFDIR);
    return place->node ? 0 : cramfs_fail_memory(target->diags);
}

static int apply_directory(const struct device_target *target, const struct device_line *line,
                           const struct attributes *attributes)
{
    char shown[DEVICE_SHOWN_SIZE];
    struct resolved_place place;
    int error = resolve_place(target->tree, line->path, true, target->diags, &place);
    if (!error && place.blocked)
        error = fail_blocked(target, line->path, &place);
    else if (!error && !place.node)
        error = make_directory(target, line, attributes, &place);
    if (!error)
        error = resolve_link(target->tree, target->diags, &place.node);
    if (!error && (!place.node || !S_ISDIR(place.node->mode)))
        error = FAIL(target,
                     "'%s' is in the sources, and is not a directory or a link to a directory; "
                     "leave it out of the sources",
                     device_shown(line->path, shown));
    if (!error)
        set_attributes(place.node, attributes);
    free(place.copy);
    return error;
}

/* A node and all below it, in no order; the list holds the nodes still to be visited. */
struct visit {
    struct cramfs_node **list;
    size_t list_count;
    size_t list_capacity;
};

static bool visit_below(struct visit *visit, const struct cramfs_node *node)
{
    if (!array_reserve(&visit->list, sizeof(struct cramfs_node *), visit->list_count,
                       &visit->list_capacity, node->children_count))
        return false;
    for (size_t i = 0; i < node->children_count; i++)
        visit->list[visit->list_count++] = node->children[i];
    return true;
}

static int set_below(const struct device_target *target, struct cramfs_node *top,
                     const struct attributes *attributes)
{
    struct visit visit = {0};
    struct cramfs_node *node = top;
    bool listed = true;
    while (node && listed) {
        set_attributes(node, attributes);
        listed = visit_below(&visit, node);
        node = visit.list_count ? visit.list[--visit.list_count] : NULL;
    }
    free(visit.list);
    return listed ? 0 : cramfs_fail_memory(target->diags);
}

static int apply_below(const struct device_target *target, const struct device_line *line,
                       const struct attributes *attributes)
{
    char shown[DEVICE_SHOWN_SIZE];
    struct resolved_place place;
    int error = resolve_place(target->tree, line->path, false, target->diags, &place);
    if (!error && place.node)
        error = set_below(target, place.node, attributes);
    else if (!error)
        error = FAIL(target, "'%s' does not exist; put it into a source, or leave out the line",
                     device_shown(line->path, shown));
    free(place.copy);
    return error;
}

static int make_node(const struct device_target *target, const struct device_line *line,
                     const struct attributes *attributes, const char *path, uint32_t minor)
{
    static const uint32_t formats[] = {['c'] = S_IFCHR, ['b'] = S_IFBLK, ['p'] = S_IFIFO};
    char shown[DEVICE_SHOWN_SIZE];
    struct resolved_place place;
    int error = resolve_place(target->tree, path, false, target->diags, &place);
    if (!error && place.blocked)
        error = fail_blocked(target, path, &place);
    else if (!error && place.node && S_ISDIR(place.node->mode))
        error = FAIL(target, "'%s' is a directory; leave it out of the sources, or name another",
                     device_shown(path, shown));
    if (!error) {
        uint32_t mode = formats[(unsigned char)line->type] | attributes->mode;
        error =
            layers_put(target->tree, place.parent, place.name, mode, target->diags, &place.node);
    }
    if (!error) {
        set_attributes(place.node, attributes);
        place.node->major = line->major;
        place.node->minor = minor;
    }
    free(place.copy);
    return error;
}

/* makedevs' differ here, so a note says what was made. */
static void note_range_of_one(const struct device_target *target, const struct device_line *line)
{
    char shown[DEVICE_SHOWN_SIZE];
    cramfs_report(
        target->diags, CRAMFS_NOTE, CRAMFS_ERR_FORMAT, target->where,
        "a count of 1 makes the node '%s' with the number %" PRIu32
        " at its end; Buildroot's makedevs adds no number: write '-' for the count to get that",
        device_shown(line->path, shown), line->start);
}

/* More nodes in ranges than there are device numbers would only cost time. */
static int count_range(struct device_target *target, const struct device_line *line)
{
    enum { MOST = 2 * DEVICE_MOST_NODES };
    char shown[DEVICE_SHOWN_SIZE];
    if (line->count > MOST - target->range_nodes)
        return FAIL(target,
                    "with the %" PRIu32
                    " nodes of '%s' the ranges of this table have more than %d nodes, more than "
                    "devices can exist; leave out ranges that are there twice",
                    line->count, device_shown(line->path, shown), MOST);
    target->range_nodes += line->count;
    return 0;
}

static int make_nodes(struct device_target *target, const struct device_line *line,
                      const struct attributes *attributes)
{
    if (!line->count)
        return make_node(target, line, attributes, line->path, line->minor);
    int error = count_range(target, line);
    for (uint32_t i = 0; i < line->count && !error; i++) {
        char *path;
        if (asprintf(&path, "%s%" PRIu32, line->path, line->start + i) < 0)
            return cramfs_fail_memory(target->diags);
        error = make_node(target, line, attributes, path, line->minor + i * line->increment);
        free(path);
    }
    if (!error && line->count == 1)
        note_range_of_one(target, line);
    return error;
}

static int look_up(const struct device_target *target, struct accounts *accounts,
                   const struct device_owner *owner, bool *keep, uint32_t *number)
{
    *keep = owner->keep;
    *number = owner->number;
    if (!owner->name)
        return 0;
    const char *why;
    int error = accounts_find(accounts, target->tree, owner->name, number, &why, target->diags);
    if (error != -CRAMFS_ERR_FORMAT)
        return error;
    char shown[DEVICE_SHOWN_SIZE];
    return FAIL(target, "'%s': %s %s, or write the number", device_shown(owner->name, shown),
                accounts->path, why);
}

int device_line_apply(struct device_target *target, const struct device_line *line)
{
    struct attributes attributes = {.keep_mode = line->keep_mode, .mode = line->mode};
    int error = look_up(target, &target->users, &line->user, &attributes.keep_uid, &attributes.uid);
    int group =
        look_up(target, &target->groups, &line->group, &attributes.keep_gid, &attributes.gid);
    if (error || group)
        return error ? error : group;
    switch (line->type) {
    case 'd':
        return apply_directory(target, line, &attributes);
    case 'r':
        return apply_below(target, line, &attributes);
    case 'f':
    case 'F':
    case 'l':
        return apply_to_existing(target, line, &attributes);
    default: /* c, b, p: device_line_makes_nodes() */
        return make_nodes(target, line, &attributes);
    }
}
