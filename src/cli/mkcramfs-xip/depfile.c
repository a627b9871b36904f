#include "cli/mkcramfs-xip/depfile.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Which bytes make and ninja read in the same way was found by trying every byte with both (the
 * tests do it again). Both read bytes over 0x7f, letters and digits as they are, and also the bytes
 * below. Any other byte ends a name, or begins a recipe, an assignment, a pattern or an archive
 * member, for at least one of the two.
 */
static const char plain[] = "_-.+,@/{}!~";

/* Both take these with a backslash, but not as the last byte of a name. '#' may be the last. */
static const char escaped[] = " #:";

static bool is_plain(unsigned char byte)
{
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || (byte && strchr(plain, byte));
}

/*
 * A backslash before a plain byte is read as it is; before a blank both read pairs of backslashes.
 */
static bool backslashes_can_be_written(const char *backslash)
{
    char next = backslash[strspn(backslash, "\\")];
    return next == ' ' || is_plain((unsigned char)next);
}

static bool can_be_written(const char *name)
{
    if (!*name || *name == '~') /* a home directory for make */
        return false;
    for (const char *at = name; *at; at++) {
        if (is_plain((unsigned char)*at) || *at == '$')
            continue;
        if (*at == '\\' ? !backslashes_can_be_written(at)
                        : !strchr(escaped, *at) || (!at[1] && *at != '#'))
            return false;
    }
    return true;
}

static void put_name(FILE *out, const char *name)
{
    size_t backslashes = 0;
    for (; *name; name++) {
        for (size_t i = 0; *name == ' ' && i < backslashes; i++)
            putc('\\', out);
        if (strchr(escaped, *name))
            putc('\\', out);
        if (*name == '$')
            putc('$', out);
        putc(*name, out);
        backslashes = *name == '\\' ? backslashes + 1 : 0;
    }
}

static int compare_paths(const void *first, const void *second)
{
    const char *const *a = first;
    const char *const *b = second;
    return strcmp(*a, *b);
}

int write_depfile(FILE *out, const char *image, struct cramfs_inputs *inputs,
                  struct cramfs_diags *diags)
{
    if (!can_be_written(image))
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, image,
                           "--depfile: make and ninja have no common way to write this name; give "
                           "the image another name");
    if (inputs->list_count)
        qsort(inputs->list, inputs->list_count, sizeof(*inputs->list), compare_paths);
    put_name(out, image);
    putc(':', out);
    for (size_t i = 0; i < inputs->list_count; i++) {
        /* An image that is laid out like the one that it replaces does not depend on itself. */
        if (strcmp(inputs->list[i], image) == 0)
            continue;
        if (!can_be_written(inputs->list[i])) {
            cramfs_report(diags, CRAMFS_WARNING, CRAMFS_ERR_USAGE, inputs->list[i],
                          "left out of the depfile: make and ninja have no common way to write "
                          "this name");
            continue;
        }
        fputs(" \\\n ", out);
        put_name(out, inputs->list[i]);
    }
    putc('\n', out);
    for (size_t i = 0; i < inputs->list_count; i++) {
        if (!can_be_written(inputs->list[i]) || strcmp(inputs->list[i], image) == 0)
            continue;
        put_name(out, inputs->list[i]);
        fputs(":\n", out);
    }
    return 0;
}
