#include "cramfs/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/pass_on.h"
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
                             : "; a 32-bit program can use at most 4 GiB, use a 64-bit one";
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

bool diags_lost_error(const struct cramfs_diags *diags)
{
    size_t errors = 0;
    for (size_t i = 0; i < diags->list_count; i++)
        errors += diags->list[i].severity == CRAMFS_ERROR;
    return errors < diags->errors;
}

void diags_pass_on(const struct cramfs_diags *found, const char *path, enum cramfs_severity least,
                   struct cramfs_diags *diags)
{
    for (size_t i = 0; i < found->list_count; i++) {
        const struct cramfs_diag *diag = &found->list[i];
        if (diag->severity < least)
            continue;
        cramfs_report(diags, diag->severity, diag->code, diag->path ? diag->path : path, "%s",
                      diag->text ? diag->text : "out of memory");
        with_remedy(0, diags, diag->remedy, diag->remedy_value);
    }
    if (diags_lost_error(found))
        cramfs_fail_memory(diags);
}

static void print_path(const char *path, FILE *out)
{
    size_t length = strlen(path);
    size_t size = CRAMFS_ESCAPED_SIZE(length);
    char *shown = malloc(size);
    fputs(shown ? cramfs_escape(path, length, shown, size) : "?", out);
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
    cramfs_print_text(out, diag->remedy_value ? diag->remedy_value : "?");
    fputs(place + strlen("%s"), out);
}

static void print_diag(const struct cramfs_diag *diag, FILE *out, const char *const *remedies)
{
    static const char *const marks[] = {[CRAMFS_NOTE] = "note: ",
                                        [CRAMFS_ALLOWED] = "warning: ",
                                        [CRAMFS_WARNING] = "warning: ",
                                        [CRAMFS_ERROR] = ""};
    fputs(marks[diag->severity], out);
    if (diag->path) {
        print_path(diag->path, out);
        fputs(": ", out);
    }
    cramfs_print_text(out, diag->text ? diag->text : "out of memory");
    print_remedy(diag, out, remedies);
    fputc('\n', out);
}

void cramfs_diags_print(const struct cramfs_diags *diags, FILE *out, const char *prefix,
                        enum cramfs_severity least, const char *const *remedies)
{
    const char *colon = prefix ? ": " : "";
    prefix = prefix ? prefix : "";
    for (size_t i = 0; i < diags->list_count; i++) {
        if (diags->list[i].severity < least)
            continue;
        fprintf(out, "%s%s", prefix, colon);
        print_diag(&diags->list[i], out, remedies);
    }
    if (diags_lost_error(diags))
        fprintf(out, "%s%sout of memory\n", prefix, colon);
}
