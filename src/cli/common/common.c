#include "cli/common/common.h"

#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void limit_heaps(void)
{
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, 8);
#endif
}

void usage_error(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        memory_error();
    va_end(arguments);
    bool asks = text[0] && text[strlen(text) - 1] == '?';
    fprintf(stderr, "%s: ", program_invocation_short_name);
    cramfs_print_text(stderr, text);
    fprintf(stderr, "%s '%s --help'\n", asks ? " Try" : "; try", program_invocation_short_name);
    free(text);
    exit(EXIT_USAGE);
}

void memory_error(void)
{
    fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
    exit(EXIT_OPERATIONAL);
}

int promote_warnings(struct cramfs_diags *diags)
{
    int error = 0;
    for (size_t i = 0; i < diags->list_count; i++) {
        struct cramfs_diag *diag = &diags->list[i];
        if (diag->severity != CRAMFS_WARNING)
            continue;
        diag->severity = CRAMFS_ERROR;
        diags->errors++;
        error = error ? error : -(int)diag->code;
    }
    return error;
}

void print_diags(struct cramfs_diags *diags, int quiet)
{
    cramfs_diags_print(diags, stderr, program_invocation_short_name,
                       quiet ? CRAMFS_WARNING : CRAMFS_NOTE, program_remedies);
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
