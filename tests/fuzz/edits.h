/*
 * Edits like those of releases, chosen by numbers that follow from a first one.
 */
#ifndef TESTS_FUZZ_EDITS_H
#define TESTS_FUZZ_EDITS_H

#include <stddef.h>
#include <stdint.h>

struct numbers {
    uint32_t state;
};

/* Less than `below`, which is not 0. */
uint32_t next_number(struct numbers *numbers, uint32_t below);

/* Zeroes, text that is alike everywhere, or noise. */
void edit_fill(struct numbers *numbers, unsigned char *bytes, size_t length);

/* How much a file grows by: a few bytes, or up to two pages. */
size_t edit_growth(struct numbers *numbers, uint32_t page_size);

/*
 * Changes the contents of a file, after which there is room for three pages: bytes, pages, its end,
 * or the offsets of its contents. Returns its new size.
 */
size_t edit_bytes(struct numbers *numbers, uint32_t page_size, unsigned char *bytes, size_t size);

/* A name that is shorter or longer, by more than the padding takes or by less. */
void edit_name(struct numbers *numbers, char *name);

#endif
