#include "cramfs/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cramfs/diag.h"

int cramfs_inputs_add(struct cramfs_inputs *inputs, const char *path)
{
    if (!inputs)
        return 0;
    char *copy = ARRAY_GROW(inputs, list) ? strdup(path) : NULL;
    if (!copy)
        return -CRAMFS_ERR_MEMORY;
    inputs->list[inputs->list_count++] = copy;
    return 0;
}

void cramfs_inputs_free(struct cramfs_inputs *inputs)
{
    if (!inputs)
        return;
    for (size_t i = 0; i < inputs->list_count; i++)
        free(inputs->list[i]);
    free(inputs->list);
    *inputs = (struct cramfs_inputs){0};
}
