/*
 * What all programs have in common: options, messages, exit codes.
 */
#ifndef CRAMFS_CLI_COMMON_COMMON_H
#define CRAMFS_CLI_COMMON_COMMON_H

#include <argp.h>
#include <stdint.h>

#include "cramfs/diag.h"
#include "cramfs/format.h"

/* Exit codes, the same as those of mkfs and fsck programs. */
enum {
    EXIT_CLEAN = 0,
    EXIT_DIFFERENT = 1,
    EXIT_ERRORS_LEFT = 4,
    EXIT_OPERATIONAL = 8,
    EXIT_USAGE = 16,
};

/* Keys of options without a short name: argp recognises these, since they are not characters. */
enum { KEY_FIRST = 0x100 };

/*
 * To be called first in a program that works with threads. Lets glibc make at most 8 heaps. Its own
 * limit is 8 for each processor, and each heap reserves up to 128 MiB of address space: with many
 * processors and threads, more than `ulimit -v` may leave.
 */
void limit_heaps(void);

/*
 * Parses the command line. Options may be before and after operands, also under POSIXLY_CORRECT.
 * Exits with EXIT_USAGE and one line on standard error when a word is wrong: the word, the number
 * of the argument that it is, and what may be meant.
 */
void parse_command_line(const struct argp *argp, int argc, char **argv, void *input);

/* For a parser's other keys: serves -h and -V, which exit, and returns 0 for any other key. */
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
 * The same with a suffix K, M or G, or KiB, MiB or GiB (1024 and its powers), in capitals or small
 * letters. KB, MB and GB can mean powers of 1000, so they are a usage error that prints both
 * readings.
 */
uint64_t parse_size(const char *option, const char *text, uint64_t low, uint64_t high);

/* No flash has smaller erase blocks, and smaller ones would take more memory and time. */
enum { LEAST_ERASE_BLOCK = 256 };

/* The value of --block-size. */
uint32_t parse_page_size(const char *text);

/* The number of worker threads of --jobs, at most 256. */
unsigned parse_jobs(const char *text);

/* The index of `text` in a NULL-terminated list of words; else a usage error that lists them. */
unsigned parse_choice(const char *option, const char *text, const char *const *words);

/* The name under which the program is installed, not the one by which it was called. */
extern const char *const program_kind;

/* Each program's words for the remedies of the library: the options that it has for them. */
extern const char *const program_remedies[CRAMFS_REMEDIES];

/*
 * Makes errors of the list's warnings, except allowed ones. Returns the negative code of the first
 * one, or 0 if there is none.
 */
int promote_warnings(struct cramfs_diags *diags);

/*
 * Prints diagnostics on standard error, each after the program's name, and empties the list. With
 * `quiet`, notes and allowed warnings are left out.
 */
void print_diags(struct cramfs_diags *diags, int quiet);

/*
 * Closes standard output. Returns EXIT_OPERATIONAL if that fails, as with a full disk; else `code`.
 */
int finish_output(int code);

#endif
