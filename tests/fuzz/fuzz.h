/*
 * Fuzz targets: each a file here that defines LLVMFuzzerTestOneInput(), which passes any bytes to
 * one part of the library as its input.
 *
 * A target is linked twice: with libFuzzer, where the build has it (preset `fuzz`), and with
 * replay.c, which feeds it the corpus in every build. In addition to the sanitizers, a target
 * checks the promises of the library's headers: FUZZ_EXPECT() ends the program if one is broken.
 * The same bytes must always do the same, so nothing is kept from one input to the next.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cramfs/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Like assert(), but in every build. */
#define FUZZ_EXPECT(condition)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fuzz_broken(#condition, __FILE__, __LINE__);                                           \
    } while (0)
_Noreturn void fuzz_broken(const char *condition, const char *file, int line);

/*
 * The page size with which to read an image. An image has no field for it; this one takes the
 * superblock's `future`, at byte 12, which no kernel looks at: 0 there is 4096. So an input is a
 * plain image, and cramfsck takes the same file.
 */
uint32_t fuzz_page_size(const uint8_t *bytes, size_t size);

/* All page sizes, ended by 0. */
extern const uint32_t fuzz_page_sizes[];

/* Opens the input as an image; the caller closes it. Returns false if it is not an image. */
bool fuzz_open_image(const uint8_t *bytes, size_t size, uint32_t page_size,
                     struct cramfs_image *image);

/*
 * For functions that read files by path: the path of a file in memory with these bytes, until the
 * next call.
 */
const char *fuzz_file(const uint8_t *bytes, size_t size);

/* A hash of the input, which chooses options and edits. */
uint32_t fuzz_hash(const uint8_t *bytes, size_t size);

/* A stream that takes everything and keeps nothing; the caller closes it. */
FILE *fuzz_nowhere(void);

#endif
