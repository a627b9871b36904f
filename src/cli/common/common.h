/*
 * What the three programs do alike: options, messages, exit codes.
 */
#ifndef CRAMFS_CLI_COMMON_COMMON_H
#define CRAMFS_CLI_COMMON_COMMON_H

#include <argp.h>
#include <stdint.h>

#include "cramfs/diag.h"
#include "cramfs/format.h"

/* Exit codes, as mkfs and fsck programs have them. */
enum {
    EXIT_CLEAN = 0,
    EXIT_DIFFERENT = 1,
    EXIT_ERRORS_LEFT = 4,
    EXIT_OPERATIONAL = 8,
    EXIT_USAGE = 16,
};

/* Keys of options without a short name; argp takes what is no character for those. */
enum { KEY_FIRST = 0x100 };

/*
 * Parses the command line. Options may be before and after operands, also under POSIXLY_CORRECT.
 * Exits with EXIT_USAGE and one line on standard error when a word is wrong: the word, the number
 * of the argument that it is, and what may be meant.
 */
void parse_command_line(const struct argp *argp, int argc, char **argv, void *input);

/* For a parser's other keys: serves -h and -V, which exit, and returns 0 for all else. */
int parse_common(int key, const struct argp_state *state);

/* One line on standard error and EXIT_USAGE. */
_Noreturn void usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line on standard error and EXIT_OPERATIONAL. */
_Noreturn void memory_error(void);

/* The entries of -h and -V for an option table. */
#define COMMON_HELP    "help", 'h', NULL, 0, "Print this help and exit", 0
#define COMMON_VERSION "version", 'V', NULL, 0, "Print the versions and exit", 0

/*
 * Prints --help: three examples, the usage in short, a description, the options and the exit
 * status. Options are printed in the order of their table, so a heading (an entry that has only a
 * doc) comes before its options; groups do not count. An option has one line if its doc has at most
 * 50 characters. The doc of `argp` must have three parts:
 *
 *     "mkcramfs-xip rootfs rootfs.img  # Build an image\n"     three lines, each a command that can
 *     ...                                                     be pasted, and its task
 *     "\nPacks each SOURCE ..."                               the description, after an empty line
 *     "\vExit status: 0 done; ..."
 */
void print_help(const struct argp *argp);

/* The value of a numeric option, decimal or with 0x, from `low` to `high`; else a usage error. */
uint64_t parse_number(const char *option, const char *text, uint64_t low, uint64_t high);

/*
 * The same with a suffix K, M or G, or KiB, MiB or GiB (1024 and so on), in letters of any size. KB
 * and so on, which are 1000 to some, are a usage error with both readings.
 */
uint64_t parse_size(const char *option, const char *text, uint64_t low, uint64_t high);

/* Fewer bytes are no erase block of any flash, and an image has as many more of them. */
enum { LEAST_ERASE_BLOCK = 256 };

/* The value of --block-size. */
uint32_t parse_page_size(const char *text);

/* The number of worker threads of --jobs, at most 256. */
unsigned parse_jobs(const char *text);

/* The index of `text` in a NULL-terminated list of words; else a usage error that lists them. */
unsigned parse_choice(const char *option, const char *text, const char *const *words);

/* The name of the program as it is installed, whatever name it is called by. */
extern const char *const program_kind;

/* Each program's words for the remedies of the library: the options that it has for them. */
extern const char *const program_remedies[CRAMFS_REMEDIES];

/*
 * Makes errors of the list's warnings, but for what is allowed. Returns the negative of the first
 * one's code, or 0 when there is none.
 */
int promote_warnings(struct cramfs_diags *diags);

/*
 * Prints diagnostics on standard error, each after the program's name, and empties the list. Notes,
 * and warnings of what is allowed, are left out when `quiet`.
 */
void print_diags(struct cramfs_diags *diags, int quiet);

/* Closes standard output, where a full disk shows at last; then EXIT_OPERATIONAL, else `code`. */
int finish_output(int code);

#endif
