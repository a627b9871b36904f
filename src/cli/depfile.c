#include "cli/depfile.h"

#include <stdbool.h>
#include <string.h>

/*
 * As compilers write them: a blank and a '#' get a backslash in front, which doubles those before
 * it; a '$' is doubled.
 */
static void put_name(FILE *out, const char *name)
{
    size_t backslashes = 0;
    for (; *name; name++) {
        bool quoted = *name == ' ' || *name == '\t' || *name == '#';
        for (size_t i = 0; quoted && *name != '#' && i < backslashes; i++)
            putc('\\', out);
        if (quoted)
            putc('\\', out);
        if (*name == '$')
            putc('$', out);
        putc(*name, out);
        backslashes = *name == '\\' ? backslashes + 1 : 0;
    }
}

/* In a rule's target a '%' would make it a pattern, and a ':' would end it. */
static bool can_be_target(const char *name)
{
    return !strpbrk(name, "%:\n");
}

void write_depfile(FILE *out, const char *image, const struct cramfs_inputs *inputs,
                   struct cramfs_diags *diags)
{
    put_name(out, image);
    putc(':', out);
    for (size_t i = 0; i < inputs->list_count; i++) {
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
        if (!can_be_target(inputs->list[i]))
            continue;
        put_name(out, inputs->list[i]);
        fputs(":\n", out);
    }
}
