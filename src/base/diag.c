#include "cramfs/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/remedy.h"

static char *format_text(const char *format, va_list arguments)
{
    char *text = NULL;
    return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

int cramfs_report(struct cramfs_diags *diags, enum cramfs_severity severity, enum cramfs_error code,
                  const char *path, const char *format, ...)
{
    if (!diags)
        return -(int)code;
    if (severity == CRAMFS_ERROR)
        diags->errors++;
    diags->newest_lost = !ARRAY_GROW(diags, list);
    if (diags->newest_lost)
        return -(int)code;

    va_list arguments;
    va_start(arguments, format);
    struct cramfs_diag diag = {
        .severity = severity,
        .code = code,
        .path = path ? strdup(path) : NULL,
        .text = format_text(format, arguments),
    };
    va_end(arguments);
    diags->list[diags->list_count++] = diag;
    return -(int)code;
}

int with_remedy(int error, struct cramfs_diags *diags, enum cramfs_remedy remedy, const char *value)
{
    if (diags && diags->list_count && !diags->newest_lost) {
        struct cramfs_diag *newest = &diags->list[diags->list_count - 1];
        newest->remedy = remedy;
        newest->remedy_value = value ? strdup(value) : NULL;
    }
    return error;
}

int cramfs_fail_memory(struct cramfs_diags *diags)
{
    const char *remedy = sizeof(void *) > sizeof(uint32_t)
                             ? ""
                             : ", of which a program of 32 bits has 4 GiB at most; use one of 64";
    return cramfs_fail(diags, CRAMFS_ERR_MEMORY, NULL, "out of memory%s", remedy);
}

void cramfs_diags_free(struct cramfs_diags *diags)
{
    if (!diags)
        return;
    for (size_t i = 0; i < diags->list_count; i++) {
        free(diags->list[i].path);
        free(diags->list[i].text);
        free(diags->list[i].remedy_value);
    }
    free(diags->list);
    memset(diags, 0, sizeof(*diags));
}

/* Bytes that are enough for cramfs_escape() of a name of `length`: \\ooo for each, "..." and a NUL.
 */
#define ESCAPED_SIZE(length) (4 * (length) + 4)

/* Writes one byte's printable form into `to` (at least 5 bytes) and returns its length. */
static size_t escape_byte(unsigned char byte, char *to)
{
    static const char named[] = "\nn\tt\rr\\\\";
    for (const char *pair = named; *pair; pair += 2) {
        if (byte == (unsigned char)pair[0]) {
            to[0] = '\\';
            to[1] = pair[1];
            return 2;
        }
    }
    if (byte < 0x20 || byte == 0x7f)
        return (size_t)sprintf(to, "\\%03o", byte);
    to[0] = (char)byte;
    return 1;
}

static bool stands_for_itself(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 0x20 && byte != 0x7f && byte != '\\';
}

char *cramfs_escape(const char *path, size_t length, char *to, size_t size)
{
    static const char cut[] = "...";
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        /* Runs of what needs no escape are nearly all of what there is. */
        while (i < length && used + sizeof(cut) < size && stands_for_itself(path[i]))
            to[used++] = path[i++];
        if (i == length)
            break;
        char piece[8];
        size_t piece_length = escape_byte((unsigned char)path[i], piece);
        if (used + piece_length + sizeof(cut) > size) {
            memcpy(to + used, cut, sizeof(cut));
            return to;
        }
        memcpy(to + used, piece, piece_length);
        used += piece_length;
    }
    to[used] = '\0';
    return to;
}

static void print_escaped(const char *text, FILE *out)
{
    size_t length = strlen(text);
    char *shown = malloc(ESCAPED_SIZE(length));
    fputs(shown ? cramfs_escape(text, length, shown, ESCAPED_SIZE(length)) : "?", out);
    free(shown);
}

static void print_remedy(const struct cramfs_diag *diag, FILE *out, const char *const *remedies)
{
    const char *words = remedies ? remedies[diag->remedy] : NULL;
    const char *place = words ? strstr(words, "%s") : NULL;
    if (!words)
        return;
    fprintf(out, "; %.*s", place ? (int)(place - words) : (int)strlen(words), words);
    if (!place)
        return;
    print_escaped(diag->remedy_value ? diag->remedy_value : "?", out);
    fputs(place + strlen("%s"), out);
}

static void print_diag(const struct cramfs_diag *diag, FILE *out, const char *const *remedies)
{
    static const char *const marks[] = {
        [CRAMFS_NOTE] = "note: ", [CRAMFS_WARNING] = "warning: ", [CRAMFS_ERROR] = ""};
    fputs(marks[diag->severity], out);
    if (diag->path) {
        print_escaped(diag->path, out);
        fputs(": ", out);
    }
    fputs(diag->text ? diag->text : "out of memory", out);
    print_remedy(diag, out, remedies);
    fputc('\n', out);
}

void cramfs_diags_print(const struct cramfs_diags *diags, FILE *out, const char *prefix,
                        enum cramfs_severity least, const char *const *remedies)
{
    const char *colon = prefix ? ": " : "";
    prefix = prefix ? prefix : "";
    if (diags->errors && !diags->list_count)
        fprintf(out, "%s%sout of memory\n", prefix, colon);
    for (size_t i = 0; i < diags->list_count; i++) {
        if (diags->list[i].severity < least)
            continue;
        fprintf(out, "%s%s", prefix, colon);
        print_diag(&diags->list[i], out, remedies);
    }
}
