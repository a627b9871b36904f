/*
 * What one thread has, with an inflater of its own: structs whose first member is a pointer to it.
 */
#ifndef CRAMFS_CODEC_WITH_INFLATER_H
#define CRAMFS_CODEC_WITH_INFLATER_H

#include <stddef.h>

/* A struct of `size` bytes, which are zero except for the inflater; NULL when memory runs out. */
void *with_inflater_create(size_t size);

void with_inflater_free(void *made);

#endif
