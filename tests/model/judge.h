/*
 * All views of an image together: on MTD and on a block device, looked up in both orders.
 */
#ifndef MODEL_JUDGE_H
#define MODEL_JUDGE_H

#include "view.h"

/*
 * Sound: every view shows the same whole tree, which equals the entries. Otherwise `problem` says
 * why not, `where` the path, and `which` the view.
 */
struct judgement {
    const char *problem; /* NULL when sound */
    char where[512];
    const char *which;
    struct view view; /* MTD, in order: names and bytes. Empty when not sound */
};

/* Release the view when done. */
void judge_image(struct judgement *judgement, const unsigned char *bytes, size_t length, bool big,
                 uint32_t page);

/* Whether a kernel without an MMU panics: it keeps what is mapped in place by address, and two
 * inodes have a page at the same one. Of a sound view on MTD. */
bool panics_without_mmu(struct view *view, struct mount *mount);

#endif
