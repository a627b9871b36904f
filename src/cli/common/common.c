#include "cli/common/common.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/text/number.h"
#include "cramfs/codec.h"

void usage_error(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        memory_error();
    va_end(arguments);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    cramfs_print_text(stderr, text);
    fprintf(stderr, "; try '%s --help'\n", program_invocation_short_name);
    free(text);
    exit(EXIT_USAGE);
}

void memory_error(void)
{
    fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
    exit(EXIT_OPERATIONAL);
}

static void print_version(void)
{
    printf("%s (cramfs-xip) %s\n", program_invocation_short_name, CRAMFS_XIP_VERSION);
    for (enum cramfs_compressor i = CRAMFS_COMPRESSOR_LIBDEFLATE; i <= CRAMFS_COMPRESSOR_ZLIB;
         i++) {
        if (cramfs_compressor_name(i))
            printf("%s %s%s\n", cramfs_compressor_name(i), cramfs_compressor_version(i),
                   i == cramfs_compressor_resolve(CRAMFS_COMPRESSOR_DEFAULT) ? " (default)" : "");
    }
}

/*
 * argp's own messages send people to --usage, which our programs do not have; so it is silent, and
 * what is wrong with an option is found here.
 */
static int is_last(const struct argp_option *option)
{
    return !option->name && !option->key && !option->doc; /* a doc alone is a heading */
}

static const struct argp_option *find_long(const struct argp *argp, const char *name, size_t length)
{
    const struct argp_option *found = NULL;
    for (const struct argp_option *option = argp->options; !is_last(option); option++) {
        if (!option->name || strncmp(option->name, name, length) != 0)
            continue;
        if (strlen(option->name) == length)
            return option;
        if (found)
            return NULL; /* ambiguous */
        found = option;
    }
    return found;
}

static const struct argp_option *find_short(const struct argp *argp, char key)
{
    for (const struct argp_option *option = argp->options; !is_last(option); option++) {
        if (option->key == key)
            return option;
    }
    return NULL;
}

static int needs_value(const struct argp_option *option)
{
    return option->arg && !(option->flags & OPTION_ARG_OPTIONAL);
}

/* Both return whether the option takes the next word as its value. */
static bool check_long(const struct argp *argp, const char *word, const char *next)
{
    size_t length = strcspn(word + 2, "=");
    const struct argp_option *option = find_long(argp, word + 2, length);
    if (!option)
        usage_error("unknown or ambiguous option '%.*s'", (int)length + 2, word);
    if (needs_value(option) && !word[2 + length] && !next)
        usage_error("option '--%s' needs a value", option->name);
    if (!option->arg && word[2 + length])
        usage_error("option '--%s' takes no value", option->name);
    return needs_value(option) && !word[2 + length];
}

static bool check_short(const struct argp *argp, const char *word, const char *next)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const struct argp_option *option = find_short(argp, *letter);
        if (!option)
            usage_error("unknown option '-%c'", *letter);
        if (needs_value(option) && !letter[1] && !next)
            usage_error("option '-%c' needs a value", *letter);
        if (option->arg)
            return needs_value(option) && !letter[1];
    }
    return false;
}

/* argp does not say which word it gave up at: all are gone through as it does. */
_Noreturn static void explain(const struct argp *argp, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        bool takes_next = false;
        if (strncmp(argv[i], "--", 2) == 0)
            takes_next = check_long(argp, argv[i], next);
        else if (argv[i][0] == '-' && argv[i][1])
            takes_next = check_short(argp, argv[i], next);
        i += takes_next;
    }
    usage_error("the options cannot be read");
}

int parse_common(int key, const struct argp_state *state)
{
    if (key != 'h' && key != 'V')
        return 0;
    if (key == 'V')
        print_version();
    else
        argp_help(state->root_argp, stdout,
                  ARGP_HELP_USAGE | ARGP_HELP_PRE_DOC | ARGP_HELP_LONG | ARGP_HELP_POST_DOC,
                  program_invocation_short_name);
    exit(finish_output(EXIT_CLEAN));
}

/*
 * A file opened where a standard one is closed would get what is meant for that: an image the
 * program's messages. What takes the place can be neither read from nor written to, so that an
 * image or a listing that goes there is an error.
 */
static void open_standard_files(void)
{
    for (int file = 0; file <= 2; file++) {
        if (fcntl(file, F_GETFD) < 0 &&
            open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY) != file) {
            fprintf(stderr, "%s: a standard file is closed, and cannot be /dev/null: %s\n",
                    program_invocation_short_name, strerror(errno));
            exit(EXIT_OPERATIONAL);
        }
    }
}

/* The program's own name is whatever its caller says, and begins each message. */
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
    error_t error =
        argp_parse(argp, argc, argv, ARGP_IN_ORDER | ARGP_NO_HELP | ARGP_NO_ERRS, NULL, input);
    if (error == ENOMEM)
        memory_error();
    if (error)
        explain(argp, argc, argv);
}

static uint64_t in_range(const char *option, const char *text, uint64_t value, uint64_t low,
                         uint64_t high)
{
    if (value < low || value > high)
        usage_error("%s: %s is outside %" PRIu64 " to %" PRIu64, option, text, low, high);
    return value;
}

/* Decimal, or hexadecimal after 0x: `length` bytes of the text. False when it is neither. */
static bool read_number(const char *text, size_t length, uint64_t *value)
{
    if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return number_read(text + 2, length - 2, 16, UINT64_MAX, value);
    return number_read(text, length, 10, UINT64_MAX, value);
}

uint64_t parse_number(const char *option, const char *text, uint64_t low, uint64_t high)
{
    uint64_t value;
    if (!read_number(text, strlen(text), &value))
        usage_error("%s: '%s' is not a number", option, text);
    return in_range(option, text, value, low, high);
}

uint64_t parse_size(const char *option, const char *text, uint64_t low, uint64_t high)
{
    static const char suffixes[] = "KMGkmg";
    size_t length = strlen(text);
    const char *suffix = length ? strchr(suffixes, text[length - 1]) : NULL;
    uint64_t value;
    if (!read_number(text, length - (suffix ? 1 : 0), &value))
        usage_error("%s: '%s' is not a size; the suffixes are K, M and G", option, text);
    for (int step = 0; suffix && step <= (suffix - suffixes) % 3; step++) {
        if (value > UINT64_MAX / 1024)
            usage_error("%s: '%s' is too large", option, text);
        value *= 1024;
    }
    return in_range(option, text, value, low, high);
}

uint32_t parse_page_size(const char *text)
{
    uint64_t size = parse_size("--block-size", text, 0, UINT32_MAX);
    if (!cramfs_page_size_valid(size))
        usage_error("--block-size: %s is not 4096, 8192, 16384, 32768 or 65536", text);
    return (uint32_t)size;
}

unsigned parse_jobs(const char *text)
{
    return (unsigned)parse_number("--jobs", text, 1, 256);
}

unsigned parse_choice(const char *option, const char *text, const char *const *words)
{
    char list[128] = "";
    for (unsigned i = 0; words[i]; i++) {
        if (strcmp(text, words[i]) == 0)
            return i;
        size_t used = strlen(list);
        snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "", words[i]);
    }
    usage_error("%s: '%s' is none of %s", option, text, list);
}

void print_diags(struct cramfs_diags *diags, int quiet)
{
    cramfs_diags_print(diags, stderr, program_invocation_short_name,
                       quiet ? CRAMFS_ERROR : CRAMFS_NOTE, program_remedies);
    cramfs_diags_free(diags);
}

int finish_output(int code)
{
    int failed = ferror(stdout);
    if (fclose(stdout) == 0 && !failed)
        return code;
    fprintf(stderr, "%s: cannot write to standard output: %s\n", program_invocation_short_name,
            strerror(errno));
    return EXIT_OPERATIONAL;
}
