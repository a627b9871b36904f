/*
 * Reads a command line with argp. argp does not report a wrong word, so all words are read before,
 * in the same way. A word that is not an option is answered with the probable one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/common/common.h"
#include "cli/common/guess.h"
#include "cramfs/codec.h"

/* A command line, and the current word. */
struct words {
    const struct argp *argp;
    int argc;
    char **argv;
    int at;
};

static const char *this_word(const struct words *words)
{
    return words->argv[words->at];
}

static const char *next_word(const struct words *words)
{
    return words->at + 1 < words->argc ? words->argv[words->at + 1] : NULL;
}

/*
 * The option with that name, or the only one that begins with it. NULL, with *several set, if more
 * than one begins with it.
 */
static const struct argp_option *find_long(const struct argp *argp, const char *name, size_t length,
                                           bool *several)
{
    const struct argp_option *found = NULL;
    *several = false;
    for (const struct argp_option *option = argp->options; !option_is_last(option); option++) {
        if (!option->name || strncmp(option->name, name, length) != 0)
            continue;
        if (strlen(option->name) == length) {
            *several = false;
            return option;
        }
        *several |= found != NULL;
        found = option;
    }
    return *several ? NULL : found;
}

static const struct argp_option *find_short(const struct argp *argp, char key)
{
    for (const struct argp_option *option = argp->options; !option_is_last(option); option++) {
        if (option->key == key)
            return option;
    }
    return NULL;
}

static bool needs_value(const struct argp_option *option)
{
    return option->arg && !(option->flags & OPTION_ARG_OPTIONAL);
}

_Noreturn static void fail_without_value(const struct words *words,
                                         const struct argp_option *option, int written)
{
    const char *word = this_word(words);
    if (strncmp(word, "--", 2) == 0)
        usage_error("option '%.*s' needs a value: %.*s=%s", written, word, written, word,
                    option->arg);
    usage_error("option '-%c' needs a value: -%c %s", option->key, option->key, option->arg);
}

static bool is_file(const char *path)
{
    return access(path, F_OK) == 0;
}

/*
 * "--xip-report json image": the value of such an option must come after a '='; without that, it is
 * an operand. The mistake is found if no file has that name, and a later operand is a file.
 */
static void check_detached_value(const struct words *words, const struct argp_option *option)
{
    const char *next = next_word(words);
    if (!next || *next == '-' || is_file(next))
        return;
    for (int i = words->at + 2; i < words->argc; i++) {
        if (words->argv[i][0] != '-' && is_file(words->argv[i]))
            usage_error("'%s' (argument %d) is taken for a file, and does not exist; the value of "
                        "--%s comes after '=': --%s=%s",
                        next, words->at + 1, option->name, option->name, next);
    }
}

/* These return whether the option takes the next word as its value. */
static bool check_long(const struct words *words)
{
    const char *word = this_word(words);
    size_t length = strcspn(word + 2, "=");
    bool several;
    const struct argp_option *option = find_long(words->argp, word + 2, length, &several);
    bool has_value = word[2 + length];
    if (!option)
        explain_long(words->argp, word, length + 2, words->at, several);
    if (needs_value(option) && !has_value && !next_word(words))
        fail_without_value(words, option, (int)length + 2);
    if (!option->arg && has_value)
        usage_error("option '--%s' takes no value%s", option->name,
                    option->key == 'p' ? "; --pad-to=SIZE pads the image" : "");
    if (option->arg && !needs_value(option) && !has_value)
        check_detached_value(words, option);
    return needs_value(option) && !has_value;
}

static bool check_short(const struct words *words)
{
    for (const char *letter = this_word(words) + 1; *letter; letter++) {
        const struct argp_option *option = find_short(words->argp, *letter);
        if (!option)
            explain_short(*letter, words->at);
        if (option->key == 'h')
            return false; /* help is printed, and nothing after it counts */
        if (needs_value(option) && !letter[1] && !next_word(words))
            fail_without_value(words, option, 0);
        if (option->arg)
            return needs_value(option) && !letter[1];
    }
    return false;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strncmp(word, "-h", 2) == 0;
}

/* Ends the program at the first word that is wrong. */
static void check_words(const struct argp *argp, int argc, char **argv)
{
    struct words words = {argp, argc, argv, 1};
    for (; words.at < argc && strcmp(argv[words.at], "--") != 0; words.at++) {
        const char *word = argv[words.at];
        if (asks_for_help(word))
            return;
        bool takes_next = false;
        if (strncmp(word, "--", 2) == 0) {
            takes_next = check_long(&words);
        } else if (word[0] == '-' && word[1]) {
            explain_single_dash(argp, word, words.at);
            takes_next = check_short(&words);
        } else {
            explain_dash_of_print(word, words.at);
        }
        words.at += takes_next;
    }
}

static void print_version(void)
{
    printf("%s (cramfs-xip) %s\n", program_invocation_short_name, CRAMFS_XIP_VERSION);
    for (enum cramfs_compressor i = CRAMFS_COMPRESSOR_LIBDEFLATE; i <= CRAMFS_COMPRESSOR_ZOPFLI;
         i++) {
        if (cramfs_compressor_name(i))
            printf("%s%s%s%s\n", cramfs_compressor_name(i),
                   *cramfs_compressor_version(i) ? " " : "", cramfs_compressor_version(i),
                   i == cramfs_compressor_resolve(CRAMFS_COMPRESSOR_DEFAULT) ? " (default)" : "");
    }
}

int parse_common(int key, const struct argp_state *state)
{
    if (key != 'h' && key != 'V')
        return 0;
    if (key == 'V')
        print_version();
    else
        print_help(state->root_argp);
    exit(finish_output(EXIT_CLEAN));
}

/*
 * If a standard file is closed, the next file that is opened would take its place: an image would
 * get the program's messages. So something takes the place that can be neither read nor written. An
 * image or a listing that goes there is an error.
 */
static void open_standard_files(void)
{
    for (int file = 0; file <= 2; file++) {
        if (fcntl(file, F_GETFD) < 0 &&
            open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY) != file) {
            fprintf(stderr,
                    "%s: standard input, output or error is closed, and cannot be replaced with "
                    "/dev/null: %s\n",
                    program_invocation_short_name, strerror(errno));
            exit(EXIT_OPERATIONAL);
        }
    }
}

/* Each message begins with the program's name, which the caller chooses. */
static void make_name_printable(void)
{
    static char shown[256];
    const char *name = program_invocation_short_name;
    program_invocation_short_name = cramfs_escape(name, strlen(name), shown, sizeof(shown));
}

void parse_command_line(const struct argp *argp, int argc, char **argv, void *input)
{
    make_name_printable();
    open_standard_files();
    /* A file that grows over RLIMIT_FSIZE: its write fails, and the reason is printed. */
    signal(SIGXFSZ, SIG_IGN);
    check_words(argp, argc, argv);
    error_t error =
        argp_parse(argp, argc, argv, ARGP_IN_ORDER | ARGP_NO_HELP | ARGP_NO_ERRS, NULL, input);
    if (error == ENOMEM)
        memory_error();
    if (error)
        usage_error("cannot read the options");
}
