/*
 * Options that only set one member of struct arguments.
 */
#include <string.h>

#include "cli/common/common.h"
#include "cli/mkcramfs-xip/options/options.h"

struct plain_option {
    int key;
    enum { FLAG, TEXT, INPUT, SIZE, NUMBER } kind; /* INPUT: the path of a file that is read */
    size_t member;                                 /* offset in struct arguments */
    const char *name;                              /* of SIZE and NUMBER, for messages */
    uint64_t low;
    uint64_t high;
};

#define MEMBER(name) offsetof(struct arguments, name)

static const struct plain_option plain_options[] = {
    {KEY_ONE_FILE_SYSTEM, FLAG, MEMBER(sources.one_file_system), NULL, 0, 0},
    {KEY_WHITEOUTS, FLAG, MEMBER(sources.whiteouts), NULL, 0, 0},
    {'E', FLAG, MEMBER(strict), NULL, 0, 0},
    {KEY_STRICT, FLAG, MEMBER(strict), NULL, 0, 0},
    {KEY_MTREE_ROOT, TEXT, MEMBER(sources.mtree_root), NULL, 0, 0},
    {KEY_XIP_STICKY, FLAG, MEMBER(xip.sticky), NULL, 0, 0},
    {KEY_FORCE, FLAG, MEMBER(force), NULL, 0, 0},
    {'p', FLAG, MEMBER(plan.boot_area), NULL, 0, 0},
    {'e', NUMBER, MEMBER(plan.edition), "--edition", 0, UINT32_MAX},
    {KEY_LEVEL, NUMBER, MEMBER(plan.level), "--level", 0, 99},
    {KEY_FIT, SIZE, MEMBER(flash.fit), "--fit", 1, UINT64_MAX},
    {KEY_MAX_SIZE, SIZE, MEMBER(flash.max_size), "--max-size", 0, UINT64_MAX},
    {KEY_MAX_UNPACKED, SIZE, MEMBER(sources.most_bytes), "--max-unpacked", 0, UINT64_MAX},
    {KEY_ERASE_BLOCK, SIZE, MEMBER(flash.erase_block), "--erase-block", 1, (uint64_t)1 << 30},
    {KEY_LIKE, INPUT, MEMBER(flash.like), NULL, 0, 0},
    {KEY_SLACK, NUMBER, MEMBER(plan.slack), "--slack", 0, 1000},
    {KEY_EXTENTS, TEXT, MEMBER(outputs.extents), NULL, 0, 0},
    {KEY_DEPFILE, TEXT, MEMBER(outputs.depfile), NULL, 0, 0},
};

/* Members of NUMBER are `unsigned`, `int` or uint32_t, which take 32 bits everywhere. */
_Static_assert(sizeof(unsigned) == sizeof(uint32_t), "numbers of options have 32 bits");

/* For mksquashfs the letter is a list of files, and for mkfs.jffs2 an erase block. */
static void check_edition(const char *value)
{
    if (*value < '0' || *value > '9' || value[strspn(value, "0123456789abcdefABCDEFxX")])
        usage_error("--edition: '%s' is not a number; to leave out files use --exclude=GLOB, for "
                    "the erase block of the flash --erase-block=SIZE",
                    value);
}

static void set(const struct plain_option *option, const char *value, struct arguments *arguments)
{
    void *member = (char *)arguments + option->member;
    uint64_t size;
    uint32_t number;
    switch (option->kind) {
    case FLAG:
        *(bool *)member = true;
        break;
    case INPUT:
        note_input(arguments, value);
        /* fall through */
    case TEXT:
        *(const char **)member = value;
        break;
    case SIZE:
        size = parse_size(option->name, value, option->low, option->high);
        memcpy(member, &size, sizeof(size));
        break;
    case NUMBER:
        if (option->key == 'e')
            check_edition(value);
        number = (uint32_t)parse_number(option->name, value, option->low, option->high);
        memcpy(member, &number, sizeof(number));
        break;
    }
}

bool parse_plain_option(int key, const char *value, struct arguments *arguments)
{
    for (size_t i = 0; i < sizeof(plain_options) / sizeof(plain_options[0]); i++) {
        if (plain_options[i].key == key) {
            set(&plain_options[i], value, arguments);
            return true;
        }
    }
    return false;
}
