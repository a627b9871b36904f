#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOO_LONG = 1 << 22, EXT_FLAG = 0x800 };

uint32_t chance(struct subject *subject, uint32_t below)
{
    subject->random += 0x9e3779b97f4a7c15u;
    uint64_t mixed = subject->random;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(((mixed ^ mixed >> 31) >> 32) * below >> 32);
}

void say_change(struct subject *subject, const char *name)
{
    size_t used = strlen(subject->changes);
    snprintf(subject->changes + used, sizeof(subject->changes) - used, "%s%s", used ? ", " : "",
             name);
}

uint32_t get_word(const struct subject *subject, size_t at)
{
    const unsigned char *b = subject->bytes + at;
    if (at + 4 > subject->length)
        return 0;
    if (subject->base->big)
        return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

static void put_bytes(struct subject *subject, size_t at, uint32_t value, unsigned bytes)
{
    if (at + bytes > subject->length)
        return;
    for (unsigned i = 0; i < bytes; i++) {
        unsigned shift = 8 * (subject->base->big ? bytes - 1 - i : i);
        subject->bytes[at + i] = (unsigned char)(value >> shift);
    }
}

void put_word(struct subject *subject, size_t at, uint32_t word)
{
    put_bytes(subject, at, word, 4);
}

void put_half(struct subject *subject, size_t at, uint32_t half)
{
    put_bytes(subject, at, half, 2);
}

static const struct width {
    unsigned word, first, bits; /* `first` counts from the low end in a little-endian image */
} widths[] = {
    [MODE] = {0, 0, 16}, [UID] = {0, 16, 16},       [SIZE] = {4, 0, 24},
    [GID] = {4, 24, 8},  [NAME_LENGTH] = {8, 0, 6}, [OFFSET] = {8, 6, 26},
};

static unsigned shift_of(const struct subject *subject, enum field field)
{
    const struct width *width = &widths[field];
    return subject->base->big ? 32 - width->first - width->bits : width->first;
}

uint32_t get_field(const struct subject *subject, size_t at, enum field field)
{
    uint32_t word = get_word(subject, at + widths[field].word);
    return word >> shift_of(subject, field) & ((1u << widths[field].bits) - 1);
}

void put_field(struct subject *subject, size_t at, enum field field, uint32_t value)
{
    uint32_t mask = (1u << widths[field].bits) - 1;
    uint32_t word = get_word(subject, at + widths[field].word);
    word &= ~(mask << shift_of(subject, field));
    word |= (value & mask) << shift_of(subject, field);
    put_word(subject, at + widths[field].word, word);
}

static bool make_room(struct subject *subject, size_t length)
{
    if (length > TOO_LONG)
        return false;
    if (length > subject->room) {
        unsigned char *bytes = realloc(subject->bytes, length * 2);
        if (!bytes)
            return false;
        subject->bytes = bytes;
        subject->room = length * 2;
    }
    if (length > subject->length)
        memset(subject->bytes + subject->length, 0, length - subject->length);
    subject->length = length;
    return true;
}

size_t extend(struct subject *subject, size_t bytes, size_t alignment)
{
    size_t at = (subject->length + alignment - 1) / alignment * alignment;
    return make_room(subject, at + bytes) ? at : 0;
}

/* Nearly always the image is as long as the size says, and whole pages: otherwise all the findings
 * would be about that. */
static void make_right(struct subject *subject)
{
    size_t super = subject->base->super;
    if (!subject->keep_length)
        extend(subject, 0, subject->base->page);
    if (!subject->keep_size)
        put_word(subject, super + 4, (uint32_t)subject->length);
    if (!subject->keep_flags && subject->length > super + 12)
        put_word(subject, super + 8, get_word(subject, super + 8) | EXT_FLAG);
    if (subject->keep_crc || subject->length < super + 76)
        return;
    size_t end = get_word(subject, super + 4);
    if (end > subject->length || end < super + 76)
        return;
    put_word(subject, super + 32, 0);
    uLong crc = crc32(0, subject->bytes + super, (uInt)(end - super));
    put_word(subject, super + 32, (uint32_t)crc);
}

static void start_subject(struct subject *subject, const struct base *base, uint64_t seed)
{
    subject->base = base;
    subject->random = seed;
    subject->changes[0] = '\0';
    subject->length = 0;
    make_room(subject, base->length);
    memcpy(subject->bytes, base->bytes, base->length);
    struct site *sites = realloc(subject->sites, (base->view.count + 1) * sizeof(*sites));
    subject->count = sites ? base->view.count : 0;
    if (!sites)
        return;
    subject->sites = sites;
    size_t root = 0;
    for (size_t i = 0; i < subject->count; i++) {
        const struct shown *shown = &base->view.shown[i];
        sites[i] = (struct site){shown, shown->at, shown->bytes, shown->inode.size};
        if (shown->path_length == 1)
            root = i;
    }
    struct site first = sites[0];
    sites[0] = sites[root];
    sites[root] = first;
}

void make_subject(struct subject *subject, const struct base *base, uint64_t seed)
{
    static void (*const kinds[])(struct subject *) = {
        change_words,     change_superblock, change_inode,    change_inode,    change_directory,
        change_directory, change_directory,  change_contents, change_contents, change_contents,
        change_contents,  change_sharing,    change_sharing,  change_length,
    };
    start_subject(subject, base, seed);
    subject->keep_length = subject->keep_size = false;
    subject->keep_flags = true;
    subject->keep_crc = one_in(subject, 200);
    uint32_t changes = one_in(subject, 2) ? 1 : 1 + chance(subject, one_in(subject, 4) ? 10 : 3);
    for (; changes; changes--)
        kinds[chance(subject, sizeof(kinds) / sizeof(*kinds))](subject);
    make_right(subject);
}

void release_subject(struct subject *subject)
{
    free(subject->bytes);
    free(subject->sites);
    memset(subject, 0, sizeof(*subject));
}
