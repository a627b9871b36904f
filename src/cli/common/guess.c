#include "cli/common/guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/common/common.h"

enum { LISTED_SIZE = 512 };

/* How many letters of a word may be wrong. With more, every word would be like every other. */
static size_t most_keystrokes(size_t length)
{
    return length < 3 ? 0 : length / 3;
}

static const char *find_near(const struct argp *argp, const char *name, size_t length,
                             size_t *keystrokes)
{
    const char *found = NULL;
    for (const struct argp_option *option = argp->options; !option_is_last(option); option++) {
        size_t count = option->name && !(option->flags & OPTION_HIDDEN)
                           ? keystrokes_between(name, length, option->name)
                           : SIZE_MAX;
        if (count >= *keystrokes)
            continue;
        *keystrokes = count;
        found = option->name;
    }
    return found;
}

/* Lists the options that begin with the word: one of these is meant. */
_Noreturn static void explain_several(const struct argp *argp, const char *word, size_t length,
                                      int argument)
{
    char list[LISTED_SIZE] = "";
    for (const struct argp_option *option = argp->options; !option_is_last(option); option++) {
        if (!option->name || strncmp(option->name, word + 2, length - 2) != 0)
            continue;
        size_t used = strlen(list);
        snprintf(list + used, sizeof(list) - used, "%s--%s", used ? ", " : "", option->name);
    }
    usage_error("ambiguous option '%.*s' (argument %d): it could be %s", (int)length, word,
                argument, list);
}

/*
 * Answers an option of another tool with the way to do the same here. Returns for any other word.
 */
static void answer_habit(const char *word, size_t length, int argument)
{
    const struct habit *habit = find_habit(word, length);
    if (habit)
        usage_error("unknown option '%.*s' (argument %d), an option of %s: %s", (int)length, word,
                    argument, habit->of, habit->answer);
}

void explain_long(const struct argp *argp, const char *word, size_t length, int argument,
                  bool several)
{
    const char *name = word + 2;
    size_t name_length = length - 2;
    const char *other = find_elsewhere(name, name_length);
    size_t keystrokes = most_keystrokes(name_length) + 1;
    const char *near = find_near(argp, name, name_length, &keystrokes);
    bool exact = near && !keystrokes; /* except for capitals and '_' */
    char near_option[64];
    const char *near_other =
        find_near_elsewhere(name, name_length, &keystrokes, near_option, sizeof(near_option));
    if (several)
        explain_several(argp, word, length, argument);
    answer_habit(word, length, argument);
    if (other && !exact)
        usage_error("unknown option '%.*s' (argument %d): it is an option of %s", (int)length, word,
                    argument, other);
    if (near_other)
        usage_error("unknown option '%.*s' (argument %d): did you mean --%s of %s?", (int)length,
                    word, argument, near_option, near_other);
    if (near)
        usage_error("unknown option '%.*s' (argument %d): did you mean --%s?", (int)length, word,
                    argument, near);
    usage_error("unknown option '%.*s' (argument %d)", (int)length, word, argument);
}

void explain_short(char letter, int argument)
{
    const char word[] = {'-', letter, '\0'};
    answer_habit(word, 2, argument);
    usage_error("unknown option '-%c' (argument %d)", letter, argument);
}

/* Whether a long option has all of this name. */
static bool is_long(const struct argp *argp, const char *name, size_t length)
{
    for (const struct argp_option *option = argp->options; !option_is_last(option); option++) {
        if (option->name && strlen(option->name) == length &&
            strncmp(option->name, name, length) == 0)
            return true;
    }
    return false;
}

void explain_single_dash(const struct argp *argp, const char *word, int argument)
{
    size_t length = strcspn(word, "=");
    if (length <= 2)
        return;
    answer_habit(word, length, argument);
    if (is_long(argp, word + 1, length - 1))
        usage_error("'%s' (argument %d) begins with one dash, and is read as single letters; the "
                    "option is --%.*s",
                    word, argument, (int)length - 1, word + 1);
}

void explain_dash_of_print(const char *word, int argument)
{
    /* U+2010 to U+2015 and U+2212, as UTF-8 */
    bool dash = (strncmp(word, "\xe2\x80", 2) == 0 && (unsigned char)word[2] >= 0x90 &&
                 (unsigned char)word[2] <= 0x95) ||
                strncmp(word, "\xe2\x88\x92", 3) == 0;
    if (dash && access(word, F_OK) != 0)
        usage_error("'%s' (argument %d) begins with a typographic dash; write '-' or '--'", word,
                    argument);
}
