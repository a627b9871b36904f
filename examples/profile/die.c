#include "die.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void die(const char *what)
{
    fprintf(stderr, "resident-pages: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

void *grow(void *array, size_t *capacity, size_t wanted, size_t element)
{
    if (wanted <= *capacity)
        return array;
    *capacity = wanted > *capacity * 2 ? wanted : *capacity * 2;
    void *grown = *capacity <= SIZE_MAX / element ? realloc(array, *capacity * element) : NULL;
    if (!grown) {
        errno = ENOMEM;
        die("memory");
    }
    return grown;
}
