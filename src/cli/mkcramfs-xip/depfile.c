#include "cli/mkcramfs-xip/depfile.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * As compilers write them: a blank, a '#' and a ':' get a backslash in front; in front of a blank
 * those that stand there already are doubled, and so is a '$'.
 */
static void put_name(FILE *out, const char *name)
{
    size_t backslashes = 0;
    for (; *name; name++) {
        bool blank = *name == ' ' || *name == '\t';
        for (size_t i = 0; blank && i < backslashes; i++)
            putc('\\', out);
        if (blank || *name == '#' || *name == ':')
            putc('\\', out);
        if (*name == '$')
            putc('$', out);
        putc(*name, out);
        backslashes = *name == '\\' ? backslashes + 1 : 0;
    }
}

/* In a rule's target a '%' would make it a pattern. */
static bool can_be_target(const char *name)
{
    return !strpbrk(name, "%\n");
}

static int compare_paths(const void *first, const void *second)
{
    const char *const *a = first;
    const char *const *b = second;
    return strcmp(*a, *b);
}

void write_depfile(FILE *out, const char *image, struct cramfs_inputs *inputs,
                   struct cramfs_diags *diags)
{
    if (inputs->list_count)
        qsort(inputs->list, inputs->list_count, sizeof(*inputs->list), compare_paths);
    put_name(out, image);
    putc(':', out);
    for (size_t i = 0; i < inputs->list_count; i++) {
        /* One that is laid out like what it replaces: nothing is made from itself. */
        if (strcmp(inputs->list[i], image) == 0)
            continue;
        if (strchr(inputs->list[i], '\n')) {
            cramfs_report(diags, CRAMFS_WARNING, CRAMFS_ERR_USAGE, inputs->list[i],
                          "has a newline in its name, and cannot stand in a dependency file");
            continue;
        }
        fputs(" \\\n ", out);
        put_name(out, inputs->list[i]);
    }
    putc('\n', out);
    for (size_t i = 0; i < inputs->list_count; i++) {
        if (!can_be_target(inputs->list[i]) || strcmp(inputs->list[i], image) == 0)
            continue;
        put_name(out, inputs->list[i]);
        fputs(":\n", out);
    }
}
