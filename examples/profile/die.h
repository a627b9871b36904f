/*
 * The end of a program that cannot go on.
 */
#ifndef RESIDENT_PAGES_DIE_H
#define RESIDENT_PAGES_DIE_H

#include <stddef.h>

/* Prints what failed, and the error in errno, and ends with status 1. */
_Noreturn void die(const char *what);

/* realloc() of an array that must have room for `wanted` elements, or the program ends. */
void *grow(void *array, size_t *capacity, size_t wanted, size_t element);

#endif
