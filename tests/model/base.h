/* The sound images that changes start from. */
#ifndef MODEL_BASE_H
#define MODEL_BASE_H

#include "judge.h"

struct base {
    const char *name;
    unsigned char *bytes;
    size_t length;
    bool big;
    uint32_t page;
    size_t super;     /* where the superblock is */
    struct view view; /* as judged */
};

/* The bytes alone; false when they cannot be read. Release it in any case. */
bool read_base(struct base *base, const char *path);

/*
 * The same. The image must be called clean, be sound, and be read the same by model and library;
 * otherwise a run would prove nothing. False after a message on standard error.
 */
bool open_base(struct base *base, const char *path, struct mount *mount);
void release_base(struct base *base);

#endif
