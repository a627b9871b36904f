/*
 * What is wrong with an image that is a source: which of its entries cannot be read, and one line
 * for each thing that is wrong.
 */
#ifndef CRAMFS_READ_SOURCE_DAMAGE_H
#define CRAMFS_READ_SOURCE_DAMAGE_H

#include "cramfs/check.h"
#include "cramfs/diag.h"

struct source_damage {
    const char *path; /* of the image */
    const struct cramfs_survey *survey;
    bool allowed;
    unsigned char *marks; /* by entry, as far as it reaches */
    size_t marks_count;
    size_t marks_capacity;
    uint64_t errors;
    struct cramfs_diags lines; /* until it is known that they are to be printed */
    bool no_memory;
};

/*
 * Surveys and checks an image. *damage starts with its path, survey and `allowed`, all else 0.
 * Returns 0, also with errors, or -CRAMFS_ERR_MEMORY.
 */
int damage_find(const struct cramfs_image *image, struct cramfs_survey *survey, unsigned jobs,
                struct source_damage *damage);

/* Whether the entry must be left out. */
bool damage_has(const struct source_damage *damage, uint32_t entry);

/*
 * Reports what was found: as warnings where that is allowed, and returns 0; else as errors, and
 * returns -CRAMFS_ERR_FORMAT if there are any.
 */
int damage_report(const struct source_damage *damage, struct cramfs_diags *diags);

void damage_free(struct source_damage *damage);

#endif
