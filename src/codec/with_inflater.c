#include "codec/with_inflater.h"

#include <stdlib.h>

#include "cramfs/codec.h"

struct with_inflater {
    struct cramfs_inflater *inflater;
};

void *with_inflater_create(size_t size)
{
    struct with_inflater *made = calloc(1, size);
    if (!made)
        return NULL;
    made->inflater = cramfs_inflater_create();
    if (made->inflater)
        return made;
    free(made);
    return NULL;
}

void with_inflater_free(void *made)
{
    struct with_inflater *freed = made;
    if (!freed)
        return;
    cramfs_inflater_free(freed->inflater);
    free(freed);
}
