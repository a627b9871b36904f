/*
 * --help. The list of options is not argp's: that one sorts each group by letter and name, and a
 * list by task has the order of its table.
 */
#include <stdio.h>
#include <string.h>

#include "cli/common/common.h"
#include "cli/common/guess.h"

enum {
    DESCRIPTION_COLUMN = 29, /* argp's */
    RIGHT_MARGIN = 79,       /* so that a line of 80 columns does not wrap in a terminal of 80 */
};

/* Writes words from column `at`, broken before RIGHT_MARGIN; later lines begin at `indent`. */
static void print_wrapped(const char *text, size_t length, int at, int indent)
{
    const char *end = text + length;
    bool first = true;
    while (text < end) {
        size_t word = strcspn(text, " \n");
        if (word > (size_t)(end - text))
            word = (size_t)(end - text);
        if (!first && at + 1 + (int)word > RIGHT_MARGIN) {
            printf("\n%*s", indent, "");
            at = indent;
        } else if (!first) {
            putchar(' ');
            at++;
        }
        fwrite(text, 1, word, stdout);
        at += (int)word;
        text += word + strspn(text + word, " \n");
        first = false;
    }
    putchar('\n');
}

/* "  -b, --block-size=SIZE"; returns the columns that it takes. */
static int print_names(const struct argp_option *option)
{
    bool optional = option->flags & OPTION_ARG_OPTIONAL;
    int columns;
    if (option->key > 0 && option->key < KEY_FIRST)
        columns = printf("  -%c%s", option->key, option->name ? ", " : "");
    else
        columns = printf("%6s", "");
    if (option->name)
        columns += printf("--%s", option->name);
    if (option->arg)
        columns += printf("%s%s%s%s", optional ? "[" : "", option->name ? "=" : " ", option->arg,
                          optional ? "]" : "");
    return columns;
}

static void print_option(const struct argp_option *option)
{
    int columns = print_names(option);
    int gap = columns + 2 > DESCRIPTION_COLUMN ? 2 : DESCRIPTION_COLUMN - columns;
    printf("%*s", gap, "");
    print_wrapped(option->doc, strlen(option->doc), columns + gap, DESCRIPTION_COLUMN);
}

void print_help(const struct argp *argp)
{
    const char *description = strstr(argp->doc, "\n\n") + 2;
    const char *status = strchr(argp->doc, '\v') + 1;
    fwrite(argp->doc, 1, (size_t)(description - argp->doc), stdout);
    fflush(stdout); /* argp may write with a stream of its own */
    argp_help(argp, stdout, ARGP_HELP_SHORT_USAGE, program_invocation_short_name);
    print_wrapped(description, (size_t)(status - 1 - description), 0, 0);
    if (argp->options[0].key) /* no heading comes first */
        putchar('\n');
    for (const struct argp_option *option = argp->options; !option_is_last(option); option++) {
        if (!option->name && !option->key)
            printf("\n%s\n", option->doc);
        else if (!(option->flags & OPTION_HIDDEN))
            print_option(option);
    }
    putchar('\n');
    print_wrapped(status, strlen(status), 0, 0);
}
