/*
 * The errors of an image that is a source: which entries cannot be read, and one line for each
 * error.
 */
#ifndef CRAMFS_READ_SOURCE_DAMAGE_H
#define CRAMFS_READ_SOURCE_DAMAGE_H

#include "cramfs/check.h"
#include "cramfs/diag.h"

struct source_damage {
    const char *path; /* of the image */
    const struct cramfs_survey *survey;
    bool allowed;
    unsigned char *marks; /* by entry, up to the last marked one */
    size_t marks_count;
    size_t marks_capacity;
    uint64_t errors;
    struct cramfs_diags lines; /* kept until it is known whether to print them */
    bool no_memory;
};

/*
 * Surveys and checks an image. *damage starts with its path, survey and `allowed`; the rest is 0.
 * Returns 0, also with errors, or -CRAMFS_ERR_MEMORY.
 */
int damage_find(const struct cramfs_image *image, struct cramfs_survey *survey, unsigned jobs,
                struct source_damage *damage);

/* Whether the entry must be left out. */
bool damage_has(const struct source_damage *damage, uint32_t entry);

/*
 * Reports the errors. Where they are allowed, reports warnings and returns 0; otherwise reports
 * errors, and returns -CRAMFS_ERR_FORMAT if there are any.
 */
int damage_report(const struct source_damage *damage, struct cramfs_diags *diags);

void damage_free(struct source_damage *damage);

#endif
