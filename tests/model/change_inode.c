#include "subject.h"

static struct site *some_site(struct subject *subject)
{
    return &subject->sites[chance(subject, (uint32_t)subject->count)];
}

static void change_size(struct subject *subject, const struct site *site)
{
    uint32_t page = subject->base->page;
    uint32_t size = get_field(subject, site->at, SIZE);
    const uint32_t sizes[] = {
        0,
        1,
        size + 1,
        size - 1,
        size + 4,
        size - 4,
        size / page * page,
        (size / page + 1) * page,
        size + page,
        size - page,
        chance(subject, size + 1),
        chance(subject, 1u << 24),
    };
    put_field(subject, site->at, SIZE, sizes[chance(subject, 12)]);
}

static void change_offset(struct subject *subject, const struct site *site)
{
    uint32_t offset = get_field(subject, site->at, OFFSET);
    const uint32_t offsets[] = {
        0,
        1,
        offset + 1,
        offset - 1,
        19,
        chance(subject, (uint32_t)(subject->length / 4)),
        get_field(subject, some_site(subject)->at, OFFSET),
        chance(subject, 1u << 26),
    };
    put_field(subject, site->at, OFFSET, offsets[chance(subject, 8)]);
}

static void change_type(struct subject *subject, const struct site *site)
{
    uint32_t mode = get_field(subject, site->at, MODE);
    put_field(subject, site->at, MODE, (mode & 07777) | chance(subject, 16) << 12);
}

/* What hardly ever matters, unless the entry shares its inode with another. */
static void change_owner_or_mode(struct subject *subject, const struct site *site)
{
    uint32_t mode = get_field(subject, site->at, MODE);
    switch (chance(subject, 3)) {
    case 0:
        put_field(subject, site->at, MODE, (mode & 0170000) | chance(subject, 010000));
        break;
    case 1:
        put_field(subject, site->at, UID, chance(subject, 65536));
        break;
    default:
        put_field(subject, site->at, GID, chance(subject, 256));
        break;
    }
}

/* Some fields of another entry. */
static void copy_fields(struct subject *subject, const struct site *site)
{
    const struct site *other = some_site(subject);
    for (enum field field = MODE; field <= OFFSET; field++)
        if (field != NAME_LENGTH && chance(subject, 3))
            put_field(subject, site->at, field, get_field(subject, other->at, field));
}

static void swap_word(struct subject *subject, const struct site *site)
{
    const struct site *other = some_site(subject);
    size_t word = 4 * (size_t)chance(subject, 3);
    uint32_t kept = get_word(subject, site->at + word);
    put_word(subject, site->at + word, get_word(subject, other->at + word));
    put_word(subject, other->at + word, kept);
}

void change_inode(struct subject *subject)
{
    const struct site *site = some_site(subject);
    say_change(subject, "inode");
    switch (chance(subject, 10)) {
    case 0:
        change_size(subject, site);
        break;
    case 1:
        change_offset(subject, site);
        break;
    case 2:
        change_type(subject, site);
        break;
    case 3:
        copy_fields(subject, site);
        break;
    case 4:
        swap_word(subject, site);
        break;
    case 5:
        put_field(subject, site->at, NAME_LENGTH,
                  get_field(subject, site->at, NAME_LENGTH) + chance(subject, 3) - 1);
        break;
    default:
        for (uint32_t i = 1 + chance(subject, 4); i; i--)
            change_owner_or_mode(subject, some_site(subject));
        break;
    }
}
