/*
 * Fuzz targets: each a file here that defines LLVMFuzzerTestOneInput(), which takes any bytes for
 * an input of one part of the library.
 *
 * A target is linked twice: with libFuzzer, where the build has it (preset `fuzz`), and with
 * replay.c, which feeds it the corpus in every build. Beside what sanitizers see, a target holds
 * the library to what its headers promise: FUZZ_EXPECT() ends the program when that is broken. The
 * same bytes must always do the same, so nothing is kept from one input to the next.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cramfs/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Like assert(), but there in every build. */
#define FUZZ_EXPECT(condition)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fuzz_broken(#condition, __FILE__, __LINE__);                                           \
    } while (0)
_Noreturn void fuzz_broken(const char *condition, const char *file, int line);

/*
 * The page size that an image asks to be read with. An image has no field for it; this one takes
 * the superblock's `future`, at byte 12, which no kernel looks at: 0 there is 4096. So an input is
 * a plain image, and cramfsck takes the same file.
 */
uint32_t fuzz_page_size(const uint8_t *bytes, size_t size);

/* All that there are, ended by 0. */
extern const uint32_t fuzz_page_sizes[];

/* Opens the input as an image, for the caller to close; false when it is none. */
bool fuzz_open_image(const uint8_t *bytes, size_t size, uint32_t page_size,
                     struct cramfs_image *image);

/*
 * For what reads files by name: the path of one in memory that holds the bytes, until the next
 * call.
 */
const char *fuzz_file(const uint8_t *bytes, size_t size);

/* A hash of the input, for what it does not say: which options, which edits. */
uint32_t fuzz_hash(const uint8_t *bytes, size_t size);

/* A stream that takes everything and keeps nothing; the caller closes it. */
FILE *fuzz_nowhere(void);

#endif
