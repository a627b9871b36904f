#include "subject.h"

#include <stdlib.h>
#include <string.h>

/* A regular file or link that has bytes; NULL when chance finds none. */
static struct site *some_file(struct subject *subject)
{
    for (int tries = 0; tries < 16; tries++) {
        struct site *site = &subject->sites[chance(subject, (uint32_t)subject->count)];
        if (site->bytes && site->size)
            return site;
    }
    return NULL;
}

static bool is_link(const struct site *site)
{
    return (site->shown->inode.mode & 0170000) == 0120000;
}

/* Names with the same table follow, unless they shall not. */
static void move_names(struct subject *subject, uint32_t old_offset, const struct site *site)
{
    for (size_t i = 1; i < subject->count; i++) {
        struct site *other = &subject->sites[i];
        if (other == site || !old_offset || get_field(subject, other->at, OFFSET) != old_offset)
            continue;
        put_field(subject, other->at, OFFSET, get_field(subject, site->at, OFFSET));
        put_field(subject, other->at, SIZE, get_field(subject, site->at, SIZE));
        other->bytes = site->bytes;
        other->size = site->size;
    }
}

/* New bytes, kept as long as the next change of kind needs them. */
static unsigned char *scratch(int which)
{
    static unsigned char bytes[2][8 * MAX_PAGE];
    return bytes[which];
}

/* The same bytes, or some of them changed, or of another length. */
static uint32_t vary(struct subject *subject, const struct site *site, unsigned char *to)
{
    uint32_t page = subject->base->page;
    uint32_t size = site->size < 6 * page ? site->size : 6 * page;
    memcpy(to, site->bytes, size);
    if (is_link(site)) {
        if (one_in(subject, 3)) {
            size = 1 + chance(subject, one_in(subject, 8) ? page + 8 : 40);
            memset(to, 'a' + (int)chance(subject, 4), size);
        }
        if (one_in(subject, 8))
            to[chance(subject, size)] = '\0';
        return size;
    }
    switch (chance(subject, 6)) {
    case 0: /* whole pages */
        memset(to + size, 'w', page);
        return (size + page - 1) / page * page;
    case 1:
        return 1 + chance(subject, size);
    case 2:
        memset(to + chance(subject, size) / page * page, 0, page);
        return size;
    case 3: {
        uint32_t more = 1 + chance(subject, page);
        memset(to + size, (int)chance(subject, 2), more);
        return size + more;
    }
    default:
        return size;
    }
}

void change_contents(struct subject *subject)
{
    struct site *site = some_file(subject);
    say_change(subject, "contents");
    if (!site)
        return;
    unsigned char *bytes = scratch(one_in(subject, 2));
    if (bytes == site->bytes)
        return;
    uint32_t old = get_field(subject, site->at, OFFSET);
    uint32_t size = vary(subject, site, bytes);
    lay_out(subject, site, bytes, size);
    if (!one_in(subject, 8))
        move_names(subject, old, site);
}

static void share_table(struct subject *subject, struct site *a, const struct site *b)
{
    put_field(subject, a->at, OFFSET, get_field(subject, b->at, OFFSET));
    if (one_in(subject, 10))
        return;
    put_field(subject, a->at, SIZE, get_field(subject, b->at, SIZE));
    if (one_in(subject, 4))
        return;
    for (enum field field = MODE; field <= GID; field++)
        if (!one_in(subject, 16))
            put_field(subject, a->at, field, get_field(subject, b->at, field));
}

/* A table of its own for `a`, with the pointers of `b`: direct ones lead to the same blocks. */
static void share_blocks(struct subject *subject, struct site *a, struct site *b)
{
    uint32_t page = subject->base->page;
    uint32_t size = get_field(subject, b->at, SIZE);
    uint32_t pages = (size + page - 1) / page;
    size_t from = (size_t)get_field(subject, b->at, OFFSET) * 4;
    size_t to = pages && pages < 64 ? extend(subject, 4 * (size_t)pages, 4) : 0;
    if (!to)
        return;
    for (uint32_t i = 0; i < pages; i++)
        put_word(subject, to + 4 * (size_t)i, get_word(subject, from + 4 * (size_t)i));
    put_field(subject, a->at, OFFSET, (uint32_t)(to / 4));
    uint32_t shorter = (pages - 1) * page + 1 + chance(subject, size - (pages - 1) * page);
    uint32_t longer = size + 1 + chance(subject, 4);
    put_field(subject, a->at, SIZE,
              one_in(subject, 2)   ? size
              : one_in(subject, 4) ? longer
                                   : shorter);
}

/* One pointer of `a` becomes one of `b`. */
static void share_pointer(struct subject *subject, const struct site *a, const struct site *b)
{
    uint32_t page = subject->base->page;
    uint32_t pages_a = (get_field(subject, a->at, SIZE) + page - 1) / page;
    uint32_t pages_b = (get_field(subject, b->at, SIZE) + page - 1) / page;
    if (!pages_a || !pages_b)
        return;
    size_t at =
        (size_t)get_field(subject, a->at, OFFSET) * 4 + 4 * (size_t)chance(subject, pages_a);
    size_t from =
        (size_t)get_field(subject, b->at, OFFSET) * 4 + 4 * (size_t)chance(subject, pages_b);
    put_word(subject, at, get_word(subject, from));
}

/* A pointer that leads anywhere: to bytes of other things, or to two zero bytes, which are a hole.
 */
static void point_anywhere(struct subject *subject, const struct site *a)
{
    uint32_t pages = get_field(subject, a->at, SIZE) / subject->base->page + 1;
    size_t table = (size_t)get_field(subject, a->at, OFFSET) * 4;
    uint32_t to = chance(subject, (uint32_t)(subject->length / 4));
    for (int tries = 0; tries < 200 && get_word(subject, 4 * (size_t)to) && !one_in(subject, 50);
         tries++)
        to = chance(subject, (uint32_t)(subject->length / 4));
    uint32_t page = chance(subject, pages);
    put_word(subject, table + 4 * (size_t)page, to | DIRECT | (one_in(subject, 4) ? STORED : 0));
}

/* `a` holds the target of a link, then a NUL and more: `b`, the link, or another file, shares it.
 */
static void share_beginning(struct subject *subject, struct site *a, struct site *b)
{
    unsigned char *bytes = scratch(1);
    uint32_t size = b->size < subject->base->page - 64 ? b->size : subject->base->page - 64;
    if (bytes == b->bytes)
        return;
    memcpy(bytes, b->bytes, size);
    memcpy(bytes + size, "\0more bytes that are hidden", 28);
    lay_out(subject, a, bytes, size + (one_in(subject, 2) ? 27 : 1 + chance(subject, 27)));
    share_blocks(subject, b, a);
    if (!one_in(subject, 3))
        put_field(subject, b->at, SIZE, size + chance(subject, 12));
}

void change_sharing(struct subject *subject)
{
    struct site *a = some_file(subject), *b = some_file(subject);
    say_change(subject, "sharing");
    if (!a || !b || a == b)
        return;
    if (one_in(subject, 2)) /* in forms that can be shared */
        lay_out(subject, b, b->bytes, b->size < 6 * MAX_PAGE ? b->size : 6 * MAX_PAGE);
    switch (chance(subject, 7)) {
    case 5:
        point_anywhere(subject, a);
        break;
    case 0:
        share_table(subject, a, b);
        break;
    case 1:
    case 2:
        share_blocks(subject, a, b);
        break;
    case 3:
        share_pointer(subject, a, b);
        break;
    default:
        share_beginning(subject, a, b);
        break;
    }
}
