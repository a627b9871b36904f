#include "judge.h"

#include <stdlib.h>
#include <sys/stat.h>

struct placed {
    uint32_t address, inode;
};

static int by_address(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return a->inode < b->inode ? -1 : a->inode > b->inode;
}

static size_t count_pages(const struct view *view, const struct mount *mount)
{
    size_t pages = 0;
    for (size_t i = 0; i < view->count; i++)
        if (S_ISREG(view->shown[i].inode.mode))
            pages += view->shown[i].inode.size / mount->page + 1;
    return pages;
}

bool panics_without_mmu(struct view *view, struct mount *mount)
{
    struct placed *list = keep(view, (count_pages(view, mount) + 1) * sizeof(*list));
    size_t count = 0;
    bool panics = false;
    for (size_t i = 0; list && i < view->count; i++) {
        const struct inode *inode = &view->shown[i].inode;
        for (uint32_t page = 0; S_ISREG(inode->mode) && page * mount->page < inode->size; page++) {
            uint32_t address = page_in_place(mount, inode, page);
            if (address)
                list[count++] = (struct placed){address, inode->number};
        }
    }
    if (count)
        qsort(list, count, sizeof(*list), by_address);
    for (size_t i = 1; i < count; i++)
        panics = panics ||
                 (list[i].address == list[i - 1].address && list[i].inode != list[i - 1].inode);
    return panics;
}
