#include "inodes.h"

#include <search.h>
#include <stdlib.h>

#include "die.h"

static int compare(const void *first, const void *second)
{
    const struct inode *a = first;
    const struct inode *b = second;
    return a->number < b->number ? -1 : a->number > b->number;
}

struct inode *inode_of(struct inodes *inodes, uint64_t number)
{
    const struct inode wanted = {.number = number};
    void *found = tfind(&wanted, &inodes->tree, compare);
    if (!found) {
        struct inode *added = calloc(1, sizeof(*added));
        if (!added)
            die("memory");
        *added = wanted;
        found = tsearch(added, &inodes->tree, compare);
        if (!found)
            die("memory");
    }
    return *(struct inode *const *)found;
}

void inodes_free(struct inodes *inodes)
{
    while (inodes->tree) {
        struct inode *first = *(struct inode *const *)inodes->tree;
        tdelete(first, &inodes->tree, compare);
        free(first);
    }
}
