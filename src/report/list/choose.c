#include "cramfs/choose.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/text.h"

struct list_choosing {
    const struct cramfs_survey *survey;
    char *text;         /* the path, a NUL for each slash */
    const char **parts; /* those that are not empty or "." */
    size_t parts_count;
    uint32_t *matching; /* by entry: 1 + how many parts its path matches; 0: none */
    uint32_t link;      /* a link in the place of a directory; CRAMFS_NO_ENTRY */
};

static int split(struct list_choosing *choosing, const char *path)
{
    choosing->text = strdup(path);
    choosing->parts = calloc(strlen(path) / 2 + 1, sizeof(*choosing->parts));
    if (!choosing->text || !choosing->parts)
        return -CRAMFS_ERR_MEMORY;
    char *rest = choosing->text;
    for (const char *part; (part = strtok_r(rest, "/", &rest));) {
        if (strcmp(part, ".") != 0)
            choosing->parts[choosing->parts_count++] = part;
    }
    return 0;
}

static bool part_matches(const char *part, const struct cramfs_entry *entry)
{
    char name[CRAMFS_MAX_NAME + 1] = {0};
    memcpy(name, entry->name, entry->name_bytes);
    return strcmp(part, name) == 0 || fnmatch(part, name, 0) == 0;
}

/*
 * A directory comes before its entries, so in one pass each parent has been matched before its
 * entries.
 */
static bool choose(struct list_choosing *choosing, bool *chosen)
{
    const struct cramfs_entries *entries = &choosing->survey->entries;
    choosing->matching[0] = 1;
    bool found = choosing->parts_count == 0;
    chosen[0] |= found;
    for (uint32_t i = 1; i < entries->list_count; i++) {
        const struct cramfs_entry *entry = &entries->list[i];
        uint32_t part = choosing->matching[entry->parent];
        if (!part || part > choosing->parts_count ||
            !part_matches(choosing->parts[part - 1], entry))
            continue;
        choosing->matching[i] = part + 1;
        if (part == choosing->parts_count)
            chosen[i] = found = true;
        else if (S_ISLNK(entry->inode.mode))
            choosing->link = i;
    }
    return found;
}

static int fail(const struct list_choosing *choosing, const char *path, struct cramfs_diags *diags)
{
    if (choosing->link == CRAMFS_NO_ENTRY)
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                           "the image has no file or directory with this path");
    char link[TEXT_PATH_SIZE];
    return cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                       "'%s' in this path is a symbolic link; write the path that it leads to",
                       text_entry_path(choosing->survey, choosing->link, link));
}

int cramfs_choose(const struct cramfs_survey *survey, const char *path, bool *chosen,
                  struct cramfs_diags *diags)
{
    struct list_choosing choosing = {.survey = survey, .link = CRAMFS_NO_ENTRY};
    choosing.matching = calloc(survey->entries.list_count, sizeof(*choosing.matching));
    int error = choosing.matching ? split(&choosing, path) : -CRAMFS_ERR_MEMORY;
    if (!error && !choose(&choosing, chosen))
        error = fail(&choosing, path, diags);
    free(choosing.text);
    free(choosing.parts);
    free(choosing.matching);
    return error;
}

void cramfs_choose_listed(const struct cramfs_survey *survey, bool recursive, bool *chosen)
{
    const struct cramfs_entries *entries = &survey->entries;
    for (uint32_t i = entries->list_count; i-- > 0;) {
        const struct cramfs_entry *entry = &entries->list[i];
        bool opened = S_ISDIR(entry->inode.mode) && entry->walked;
        bool inside = entry->parent != CRAMFS_NO_ENTRY && chosen[entry->parent];
        /* From the end, so that a parent's choice is unchanged when its entries use it. */
        if (!recursive)
            chosen[i] = inside || (chosen[i] && !opened);
    }
    for (uint32_t i = 1; recursive && i < entries->list_count; i++)
        chosen[i] |= chosen[entries->list[i].parent];
}
