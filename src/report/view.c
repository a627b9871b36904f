#include "cramfs/view.h"

#include <stdlib.h>

#include "base/array.h"

/* Without memory for the mark the error is counted all the same, and the image called damaged. */
void cramfs_damage_found(void *context, const struct cramfs_finding *finding)
{
    struct cramfs_damage *damage = context;
    if (cramfs_rule_info(finding->rule)->severity != CRAMFS_FINDING_ERROR)
        return;
    damage->errors++;
    if (finding->entry == CRAMFS_NO_ENTRY)
        return;
    if (finding->entry >= damage->entries_count) {
        size_t missing = finding->entry + (size_t)1 - damage->entries_count;
        if (!array_reserve(&damage->entries, sizeof(*damage->entries), damage->entries_count,
                           &damage->entries_capacity, missing))
            return;
        while (damage->entries_count <= finding->entry)
            damage->entries[damage->entries_count++] = false;
    }
    damage->entries[finding->entry] = true;
}

void cramfs_damage_free(struct cramfs_damage *damage)
{
    free(damage->entries);
    *damage = (struct cramfs_damage){0};
}

static bool marked(const struct cramfs_damage *damage, uint32_t entry)
{
    return entry < damage->entries_count && damage->entries[entry];
}

bool cramfs_view_damaged(const struct cramfs_view *view, uint32_t entry)
{
    uint32_t inode = view->survey->inode[entry];
    return view->damage && (marked(view->damage, entry) ||
                            (inode != CRAMFS_NO_ENTRY && marked(view->damage, inode)));
}
