/*
 * The survey of an image: the kind and the owner of every byte.
 *
 * One pass over directories and pointer tables finds the owner of every byte. The checker tests the
 * survey, the dumper prints it, the report and the extractor use it. Its work is bounded by the
 * bytes of the image: a table that overlaps another is reported and not followed.
 */
#ifndef CRAMFS_SURVEY_H
#define CRAMFS_SURVEY_H

#include "cramfs/declarations.h"
#include "cramfs/extent.h"
#include "cramfs/finding.h"
#include "cramfs/walk.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_survey {
    struct cramfs_entries entries;
    /*
     * By entry: the number of the first entry that is the same inode to the kernel (itself when it
     * is the first). CRAMFS_NO_ENTRY for an entry without a pointer table, or with one that cannot
     * be followed.
     */
    uint32_t *inode;
    /* Every extent, sorted, one block each; an owner is the number of an entry. Not merged. */
    struct cramfs_extents extents;
    bool extended_pointers; /* some pointer is direct or stored */
};

/*
 * Surveys an image and reports each thing that is wrong to the listener (may be NULL). Returns 0 or
 * -CRAMFS_ERR_MEMORY; free with cramfs_survey_free() in any case.
 */
int cramfs_survey(const struct cramfs_image *image, const struct cramfs_listener *listener,
                  struct cramfs_survey *survey);
void cramfs_survey_free(struct cramfs_survey *survey);

/* Whether the entry is a regular file or link whose blocks can be read. */
static inline int cramfs_survey_has_blocks(const struct cramfs_survey *survey, uint32_t entry)
{
    return survey->inode[entry] != CRAMFS_NO_ENTRY;
}

CRAMFS_END_DECLARATIONS

#endif
