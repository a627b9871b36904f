#include "subject.h"

#include <string.h>

/* A place where a word matters: superblock, entries, tables, blocks; or anywhere. */
static size_t some_place(struct subject *subject)
{
    struct site *site = &subject->sites[chance(subject, (uint32_t)subject->count)];
    size_t data = (size_t)get_field(subject, site->at, OFFSET) * 4;
    switch (chance(subject, 6)) {
    case 0:
        return subject->base->super + 4 * chance(subject, 19);
    case 1:
        return site->at + 4 * chance(subject, 3);
    case 2:
        return site->at + 12 + 4 * chance(subject, 4);
    case 3:
        return data + 4 * chance(subject, 1 + site->shown->inode.size / subject->base->page);
    case 4:
        return data + 4 * chance(subject, 16);
    default:
        return 4 * (size_t)chance(subject, (uint32_t)(subject->length / 4));
    }
}

static void change_word(struct subject *subject)
{
    size_t at = some_place(subject);
    uint32_t word = get_word(subject, at);
    size_t other = some_place(subject);
    switch (chance(subject, 7)) {
    case 0:
        put_word(subject, at, word ^ 1u << chance(subject, 32));
        break;
    case 1:
        put_word(subject, at, word + chance(subject, 9) - 4);
        break;
    case 2:
        put_word(subject, at, 0);
        break;
    case 3:
        put_word(subject, at, get_word(subject, other));
        break;
    case 4:
        put_word(subject, at, get_word(subject, other));
        put_word(subject, other, word);
        break;
    case 5:
        put_word(subject, at, chance(subject, UINT32_MAX));
        break;
    default:
        if (at < subject->length)
            subject->bytes[at] ^= (unsigned char)(1 + chance(subject, 255));
        break;
    }
}

void change_words(struct subject *subject)
{
    say_change(subject, "words");
    for (uint32_t i = 1 + chance(subject, 3); i; i--)
        change_word(subject);
}

static void change_size_in_superblock(struct subject *subject)
{
    uint32_t length = (uint32_t)subject->length;
    const uint32_t sizes[] = {
        0,
        76,
        length - 4,
        length + 4,
        length - subject->base->page,
        length / 2,
        length + subject->base->page,
    };
    subject->keep_size = true;
    put_word(subject, subject->base->super + 4, sizes[chance(subject, 7)]);
}

void change_superblock(struct subject *subject)
{
    size_t super = subject->base->super;
    uint32_t flags = get_word(subject, super + 8);
    say_change(subject, "superblock");
    uint32_t which;
    switch (chance(subject, 8)) {
    case 0:
        change_size_in_superblock(subject);
        break;
    case 1:
        put_word(subject, super + 8, flags ^ 1u << chance(subject, 13));
        subject->keep_flags = true;
        break;
    case 2:
        put_word(subject, super + 12, chance(subject, 3));
        break;
    case 3:
        subject->bytes[super + 16 + chance(subject, 16)] ^= 1;
        break;
    case 4:
        which = chance(subject, 3);
        put_word(subject, super + 36 + 4 * which, chance(subject, 100));
        break;
    case 5:
        which = chance(subject, 16);
        subject->bytes[super + 48 + which] = (unsigned char)chance(subject, 256);
        break;
    case 6:
        which = chance(subject, 6);
        put_field(subject, super + 64, (enum field)which, chance(subject, 65536));
        break;
    default: /* the sorted flag, on what is sorted or is not */
        put_word(subject, super + 8, flags ^ 2);
        break;
    }
}

void change_length(struct subject *subject)
{
    uint32_t page = subject->base->page;
    say_change(subject, "length");
    switch (chance(subject, 6)) {
    case 0: /* a page that is not all there */
        extend(subject, 4 * (1 + (size_t)chance(subject, page / 4)), 4);
        subject->keep_length = true;
        break;
    case 1: /* cut, and the size knows it or not */
        subject->length -=
            chance(subject, (uint32_t)(subject->length < page ? subject->length : page));
        subject->keep_length = true;
        subject->keep_size = one_in(subject, 2);
        break;
    case 2: /* more than the size counts */
        subject->keep_size = true;
        put_word(subject, subject->base->super + 4, (uint32_t)subject->length);
        extend(subject, 1 + (size_t)chance(subject, 2 * page), 1);
        break;
    case 3:
        extend(subject, chance(subject, 3 * page), page);
        break;
    default: { /* bytes that belong to nothing */
        size_t at = extend(subject, 64, 4);
        if (at)
            memset(subject->bytes + at, (int)chance(subject, 256), 64);
        break;
    }
    }
}
