/*
 * The view: an image with its survey and what is damaged in it, which is what every report shows.
 *
 * A report works on damaged images, too: it shows what can be read, and marks the entries in which
 * something is wrong. cramfsck(1) says what.
 */
#ifndef CRAMFS_VIEW_H
#define CRAMFS_VIEW_H

#include "cramfs/declarations.h"
#include "cramfs/survey.h"

CRAMFS_BEGIN_DECLARATIONS

/* Which entries have findings that are errors. Starts as {0}. */
struct cramfs_damage {
    bool *entries; /* by entry, as far as it reaches */
    size_t entries_count;
    size_t entries_capacity;
    uint64_t errors; /* also those that concern no entry */
};

struct cramfs_view {
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    const struct cramfs_damage *damage; /* NULL: nothing is known of any */
};

/* For a struct cramfs_listener; the context is a struct cramfs_damage. */
void cramfs_damage_found(void *damage, const struct cramfs_finding *finding);
void cramfs_damage_free(struct cramfs_damage *damage);

/* Whether something is wrong with the entry, or with the inode that it shares. */
bool cramfs_view_damaged(const struct cramfs_view *view, uint32_t entry);

CRAMFS_END_DECLARATIONS

#endif
