#include "view.h"

#include <stdio.h>
#include <string.h>

enum { TYPE = 0170000, REGULAR = 0100000, LINK = 0120000, MANY_PAGES = 64 };

static void complain(struct view *view, const char *problem, const struct shown *shown)
{
    if (view->problem)
        return;
    view->problem = problem;
    snprintf(view->where, sizeof(view->where), "%s", shown->path);
}

/*
 * Checks that a mapping of `pages` from `first` on shows the same as read(), page for page. `seen`
 * has the pages that were checked.
 */
static void compare_mapping(struct view *view, struct mount *mount, const struct shown *shown,
                            uint32_t first, uint32_t pages, bool *seen)
{
    uint32_t mapped = 0, address = 0;
    if (map_pages(mount, &shown->inode, first, pages, &mapped, &address))
        complain(view, "mmap reads memory outside of the device", shown);
    for (uint32_t i = 0; i < mapped && !view->problem; i++) {
        if (first + i < MANY_PAGES && seen[first + i])
            continue;
        if (first + i < MANY_PAGES)
            seen[first + i] = true;
        const unsigned char *page = device_page(mount, address + i * mount->page);
        if (memcmp(page, shown->bytes + (size_t)(first + i) * mount->page, mount->page))
            complain(view, "mmap shows other bytes than read", shown);
    }
}

/* From each page of the file: one page, and all that follow. */
static void compare_mappings(struct view *view, struct mount *mount, const struct shown *shown,
                             uint32_t pages)
{
    bool seen[MANY_PAGES] = {false};
    for (uint32_t first = 0; first < pages && first < MANY_PAGES && !view->problem; first++) {
        compare_mapping(view, mount, shown, first, 1, seen);
        compare_mapping(view, mount, shown, first, pages - first, seen);
    }
}

/* A target ends at the first zero byte, after the size, or where the page ends, less one. */
static void check_target(struct view *view, const struct mount *mount, const struct shown *shown)
{
    uint32_t size = shown->inode.size;
    if (!size)
        complain(view, "a link that leads nowhere", shown);
    else if (size > mount->page - 1)
        complain(view, "a link's target is cut at the page", shown);
    else if (memchr(shown->bytes, 0, size))
        complain(view, "a link's target is cut at a NUL", shown);
}

void read_contents(struct view *view, struct mount *mount, struct shown *shown)
{
    uint32_t type = shown->inode.mode & TYPE;
    if (type != REGULAR && type != LINK)
        return;
    uint32_t pages = (shown->inode.size + mount->page - 1) / mount->page;
    if (type == LINK && pages > 1)
        pages = 1;
    unsigned char *bytes = keep(view, (size_t)(pages ? pages : 1) * mount->page);
    if (!bytes)
        return;
    shown->bytes = bytes;
    for (uint32_t i = 0; i < pages; i++)
        if (read_page(mount, &shown->inode, i, bytes + (size_t)i * mount->page))
            complain(view, "cannot be read", shown);
    if (view->problem)
        return;
    if (type == LINK)
        check_target(view, mount, shown);
    else if (mount->device == ON_MTD)
        compare_mappings(view, mount, shown, pages);
}
