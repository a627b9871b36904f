/*
 * The view: an image with its survey and its damage. Every report shows a view.
 *
 * A report works on damaged images, too: it shows what can be read, and marks the entries that have
 * errors. cramfsck(1) reports the errors.
 *
 *     struct cramfs_view *view;
 *     if (cramfs_view_open("rootfs.img", NULL, &diags, &view) == 0)
 *         cramfs_print_list(stdout, view, chosen, false);
 *     cramfs_view_close(view);
 */
#ifndef CRAMFS_VIEW_H
#define CRAMFS_VIEW_H

#include "cramfs/check.h"
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
    struct cramfs_survey *survey;           /* reports do not change it */
    const struct cramfs_damage *damage;     /* NULL: none is known */
    const struct cramfs_inflated *inflated; /* blocks that a check of the survey kept, or NULL */
};

/*
 * Opens the image in a file or block device as cramfs_image_open() does, and surveys it. What the
 * survey finds wrong is in (*view)->damage. The blocks are not inflated; cramfs_check() does that.
 * Where pages in place may begin depends on the kernel that the image was made for: without an MMU
 * at any multiple of 4, else at a page boundary. options->made_for names the kernel; if it does
 * not, cramfs_made_for_nommu() finds out. Close the view in any case: after an error *view is NULL.
 * Returns 0, the errors of cramfs_image_open(), or -CRAMFS_ERR_MEMORY.
 */
int cramfs_view_open(const char *path, const struct cramfs_open_options *options,
                     struct cramfs_diags *diags, struct cramfs_view **view);

/* The same for bytes in memory, which must outlive the view. */
int cramfs_view_open_memory(const void *bytes, uint64_t size,
                            const struct cramfs_open_options *options, struct cramfs_diags *diags,
                            struct cramfs_view **view);

/*
 * Checks the whole image: surveys it again, and then does what cramfs_check() does. The listener
 * (may be NULL) gets every finding, and view->damage then says which entries have errors. The view
 * must come from cramfs_view_open(). Returns 0 (also with findings) or -CRAMFS_ERR_MEMORY.
 */
int cramfs_view_check(struct cramfs_view *view, const struct cramfs_check_options *options,
                      const struct cramfs_listener *listener);

/*
 * Sets *nommu when only a kernel without an MMU runs the image's programs in place: at least one is
 * bFLT or FDPIC and is not stored at a page boundary; and no file is another kind of program.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int cramfs_made_for_nommu(const struct cramfs_image *image, const struct cramfs_survey *survey,
                          bool *nommu);

/* Frees all that cramfs_view_open() made. */
void cramfs_view_close(struct cramfs_view *view);

/* For a struct cramfs_listener; the context is a struct cramfs_damage. */
void cramfs_damage_found(void *damage, const struct cramfs_finding *finding);
void cramfs_damage_free(struct cramfs_damage *damage);

/*
 * Whether something is wrong with the entry (below survey->entries.list_count), or with the inode
 * that it shares.
 */
bool cramfs_view_damaged(const struct cramfs_view *view, uint32_t entry);

CRAMFS_END_DECLARATIONS

#endif
