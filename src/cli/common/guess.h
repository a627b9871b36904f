/*
 * Guesses what a word that is not an option means: a slip of the keyboard, an option of another
 * program of this project, or a habit from a program for another file system.
 */
#ifndef CRAMFS_CLI_COMMON_GUESS_H
#define CRAMFS_CLI_COMMON_GUESS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

/* The end of an option table; a doc alone is a heading. */
static inline bool option_is_last(const struct argp_option *option)
{
    return !option->name && !option->key && !option->doc;
}

/*
 * These end the program with a usage error: the word, the number of the argument that it is, and
 * what to write. `length` is that of the word up to a '='; `several` says that options begin so.
 */
_Noreturn void explain_long(const struct argp *argp, const char *word, size_t length, int argument,
                            bool several);
_Noreturn void explain_short(char letter, int argument);

/*
 * These do so only for a word that was meant as a long option: -noappend, -exclude with one dash,
 * or a word with a dash from a text processor. If a file has that name, the word is an operand.
 */
void explain_single_dash(const struct argp *argp, const char *word, int argument);
void explain_dash_of_print(const char *word, int argument);

/* How many keystrokes are wrong: letters that are added, missing, different, or swapped. */
size_t keystrokes_between(const char *first, size_t first_length, const char *second);

/* A habit from another program. */
struct habit {
    const char *program; /* of ours */
    const char *word;    /* "-comp", "--root", "-d" */
    const char *of;      /* the program that has the option */
    const char *answer;
};

/* NULL if the word is not a habit. `length` is that of the word, up to a '='. */
const struct habit *find_habit(const char *word, size_t length);

/*
 * Another program of this project that has a long option with that name, or NULL.
 * find_near_elsewhere() returns the program with the option nearest to the name, if that is nearer
 * than *keystrokes, and sets *keystrokes and `option`.
 */
const char *find_elsewhere(const char *name, size_t length);
const char *find_near_elsewhere(const char *name, size_t length, size_t *keystrokes, char *option,
                                size_t size);

#endif
