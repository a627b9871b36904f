#include "judge.h"

#include <stdlib.h>
#include <string.h>

enum { VIEWS = 3 };

static const struct how {
    enum device device;
    enum order order;
    bool with_bytes; /* what a file holds depends on its inode alone */
    const char *name;
} hows[VIEWS] = {
    {ON_MTD, FIRST_TO_LAST, true, "MTD, first to last"},
    {ON_BLOCK, LAST_TO_FIRST, true, "block device, last to first"},
    {ON_MTD, LAST_TO_FIRST, false, "MTD, last to first"},
};

static bool same_bytes(const struct shown *a, const struct shown *b)
{
    return !a->bytes || !b->bytes || !memcmp(a->bytes, b->bytes, a->inode.size);
}

static bool same_inode(const struct inode *a, const struct inode *b)
{
    return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid && a->size == b->size &&
           a->device_number == b->device_number && a->number == b->number;
}

static const char *compare_views(const struct view *a, const struct view *b, const char **where)
{
    if (a->count != b->count)
        return "views differ in their number of names";
    for (size_t i = 0; i < a->count; i++) {
        const struct shown *one = &a->shown[i], *other = &b->shown[i];
        *where = one->path;
        if (strcmp(one->path, other->path) != 0)
            return "views differ in names";
        if (!same_inode(&one->inode, &other->inode))
            return "views differ in what a name is";
        if (!same_bytes(one, other))
            return "views differ in bytes";
    }
    return NULL;
}

static void find_against(struct judgement *judgement, const char *problem, const char *where,
                         const char *which)
{
    if (!problem || judgement->problem)
        return;
    judgement->problem = problem;
    judgement->which = which;
    size_t length = strnlen(where, sizeof(judgement->where) - 1);
    memcpy(judgement->where, where, length);
    judgement->where[length] = '\0';
}

void judge_image(struct judgement *judgement, const unsigned char *bytes, size_t length, bool big,
                 uint32_t page)
{
    struct view views[VIEWS];
    struct mount *mount = malloc(sizeof(*mount));
    memset(views, 0, sizeof(views));
    memset(judgement, 0, sizeof(*judgement));
    if (!mount)
        judgement->problem = TOO_MUCH;
    for (size_t i = 0; i < VIEWS && !judgement->problem; i++) {
        const char *where = "";
        if (mount_image(mount, bytes, length, hows[i].device, big, page))
            find_against(judgement, "cannot be mounted", "/", hows[i].name);
        else
            look_at_tree(&views[i], mount, hows[i].order, hows[i].with_bytes);
        unmount(mount);
        find_against(judgement, views[i].problem, views[i].where, hows[i].name);
        sort_view(&views[i]);
        if (!judgement->problem && i)
            find_against(judgement, compare_views(&views[0], &views[i], &where), where,
                         hows[i].name);
    }
    free(mount);
    for (size_t i = judgement->problem ? 0 : 1; i < VIEWS; i++)
        release_view(&views[i]);
    if (!judgement->problem)
        judgement->view = views[0];
}
