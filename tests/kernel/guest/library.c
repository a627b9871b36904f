/*
 * A library that needs no relocation, so that load.c can load it: it answers with a sum over all
 * pages of its constants, a word of its data, and code.
 */
#ifndef PAGE_BYTES
#define PAGE_BYTES 4096
#endif

enum { PAGES = 6 };

static const unsigned char constants[PAGES * PAGE_BYTES] = {
    1,
    [PAGE_BYTES] = 2,
    [2 * PAGE_BYTES] = 3,
    [3 * PAGE_BYTES] = 4,
    [4 * PAGE_BYTES] = 5,
    [PAGES * PAGE_BYTES - 1] = 6,
};
static volatile unsigned data = 1000;

unsigned library_answer(unsigned more);

unsigned library_answer(unsigned more)
{
    const volatile unsigned char *byte = constants;
    unsigned sum = more + data++;

    for (unsigned page = 0; page < PAGES; page++)
        sum += byte[page * PAGE_BYTES];
    return sum + byte[PAGES * PAGE_BYTES - 1] + data;
}
