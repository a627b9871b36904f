/* How often each text occurred. */
#ifndef MODEL_TALLY_H
#define MODEL_TALLY_H

#include <stddef.h>
#include <stdint.h>

struct tally {
    struct counted {
        char text[120];
        uint64_t count;
    } list[256]; /* texts without room are counted in the last */
    size_t count;
};

void tally_add(struct tally *tally, const char *text);

/* The most frequent `most` of them, below a title. */
void tally_print(const struct tally *tally, const char *title, size_t most);

#endif
