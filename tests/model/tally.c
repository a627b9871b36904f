#include "tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = sizeof(((struct tally *)0)->list) / sizeof(struct counted) };

void tally_add(struct tally *tally, const char *text)
{
    size_t i = 0;
    while (i < tally->count && strncmp(tally->list[i].text, text, sizeof(tally->list[i].text) - 1))
        i++;
    if (i == tally->count && i < MOST) {
        snprintf(tally->list[i].text, sizeof(tally->list[i].text), "%s",
                 i == MOST - 1 ? "(others)" : text);
        tally->count++;
    }
    tally->list[i < MOST ? i : MOST - 1].count++;
}

static int by_count(const void *left, const void *right)
{
    const struct counted *a = left, *b = right;
    return a->count < b->count ? 1 : a->count > b->count ? -1 : strcmp(a->text, b->text);
}

void tally_print(const struct tally *tally, const char *title, size_t most)
{
    static struct tally sorted;
    sorted = *tally;
    qsort(sorted.list, sorted.count, sizeof(sorted.list[0]), by_count);
    if (sorted.count)
        printf("%s\n", title);
    for (size_t i = 0; i < sorted.count && i < most; i++)
        printf("%10" PRIu64 "  %s\n", sorted.list[i].count, sorted.list[i].text);
}
