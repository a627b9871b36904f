/*
 * Which program has a long option. tests/cli/test_mistakes.py holds the lists to what
 * each --help prints.
 */
#include <stdio.h>
#include <string.h>

#include "cli/common/common.h"
#include "cli/common/guess.h"

static const struct {
    const char *program;
    const char *options; /* with a blank before and after each */
} programs[] = {
    {"mkcramfs-xip",
     " all-root allow boot-code compressor depfile device-table edition endian erase-block "
     "errors exclude exclude-from explain extents fill fit force gid-offset insert into jobs "
     "kernel legacy level like map-gid map-uid max-size max-unpacked mtree-root name no-holes "
     "offset one-file-system owner pad pad-to quiet slack stale-profile stats strict "
     "strip-components "
     "subtree swap16 swap32 uid-offset verbose what-if whiteouts xip xip-budget xip-profile "
     "xip-rules "
     "xip-split xip-sticky "},
    {"cramfsck",
     " base crc errors extract force jobs json kernel max-extract min-direct offset privileged "
     "quiet require-xip scan severity strict verbose xip-profile xip-report "},
    {"cramfs-dump", " blocks cat depth device-table diff du erase-block extents html json kernel "
                    "long map max-extract "
                    "mtree offset recursive scan stat super tar update what-if xip-profile "},
    {"cramfs-fuse", " debug foreground offset options single "},
};

/* Called for each word of a list; true ends the list. */
struct search {
    const char *name;
    size_t length;
    size_t keystrokes; /* of the nearest word so far */
    const char *found;
    size_t found_length;
    const char *program;
};

static void look_at(struct search *search, const char *program, const char *option, size_t length)
{
    char word[64];
    snprintf(word, sizeof(word), "%.*s", (int)length, option);
    size_t keystrokes = keystrokes_between(search->name, search->length, word);
    if (keystrokes >= search->keystrokes)
        return;
    search->keystrokes = keystrokes;
    search->found = option;
    search->found_length = length;
    search->program = program;
}

static void look_through(struct search *search)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        if (strcmp(programs[i].program, program_kind) == 0)
            continue;
        for (const char *at = programs[i].options; *(at += strspn(at, " "));) {
            size_t length = strcspn(at, " ");
            look_at(search, programs[i].program, at, length);
            at += length;
        }
    }
}

const char *find_elsewhere(const char *name, size_t length)
{
    struct search search = {.name = name, .length = length, .keystrokes = 1};
    look_through(&search);
    return search.program;
}

const char *find_near_elsewhere(const char *name, size_t length, size_t *keystrokes, char *option,
                                size_t size)
{
    struct search search = {.name = name, .length = length, .keystrokes = *keystrokes};
    look_through(&search);
    if (search.program) {
        *keystrokes = search.keystrokes;
        snprintf(option, size, "%.*s", (int)search.found_length, search.found);
    }
    return search.program;
}
