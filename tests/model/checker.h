/*
 * The library's view of an image, which is tested. Only checker.c includes the library's headers.
 */
#ifndef MODEL_CHECKER_H
#define MODEL_CHECKER_H

#include "view.h"

/* cramfsck's result, with its default options. */
struct check {
    bool opened, big;
    bool clean;              /* no error and no hazard: exit status 0 */
    bool panics;             /* of a clean image: it is not clean with --kernel=nommu */
    uint32_t page;           /* as it was found out */
    char rules[512];         /* names of the rules of errors and hazards, each once */
    struct library *library; /* the data of compare_tree() */
};

/* `page` is 0 to have it found out. `bytes` must outlive it. */
void run_checker(struct check *check, const unsigned char *bytes, size_t length, uint32_t page);
void release_check(struct check *check);

/* Whether the library reads the same names, inodes, bytes and targets, and reports the same pages
 * in place, as a sound view shows. NULL, or what differs, and `where`. */
const char *compare_tree(const struct check *check, const struct view *view, struct mount *mount,
                         char *where, size_t where_size);

#endif
