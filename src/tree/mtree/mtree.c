#include "tree/mtree/mtree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree/layers/second.h"
#include "tree/mtree/apply.h"
#include "tree/mtree/entry.h"
#include "tree/mtree/owners.h"

static int drop_words(struct mtree_reading *reading, const struct mtree_line *line)
{
    int error = 0;
    for (unsigned i = 0; !error && i < line->words_count; i++)
        error =
            mtree_facts_drop(&reading->defaults, line->words[i], reading->where, reading->diags);
    return error;
}

static void go_up(struct mtree_reading *reading)
{
    if (reading->skipped)
        reading->skipped--;
    else
        reading->place = reading->source->places[reading->place].parent;
}

static int take_line(struct mtree_reading *reading, char *text, size_t length)
{
    struct mtree_line line;
    snprintf(reading->where, reading->where_size, "%s:%zu", reading->path, reading->line);
    if (memchr(text, '\0', length))
        return fail_line(reading,
                         "the line contains a NUL byte, and a manifest is a text file; correct it");
    int error = mtree_line_split(text, reading->where, reading->diags, &line);
    if (error)
        return error;
    switch (line.kind) {
    case MTREE_SET:
        return add_words(reading, &line, &reading->defaults);
    case MTREE_UNSET:
        return drop_words(reading, &line);
    case MTREE_ENTRY:
        return take_entry_line(reading, &line);
    case MTREE_UP:
        go_up(reading);
        return 0;
    default: /* an empty line */
        return 0;
    }
}

/* Whether a line goes on after the newline: it ends in a backslash that is not escaped itself. */
static bool goes_on(const char *line, const char *end)
{
    size_t count = 0;
    while (end > line && end[-1] == '\r')
        end--;
    while (end > line && end[-1] == '\\') {
        end--;
        count++;
    }
    return count % 2;
}

/* The end of the line that begins here; a line that goes on after a newline is joined. */
static char *join_lines(char *text, char *end, size_t *newlines)
{
    char *piece = text;
    for (;;) {
        char *newline = memchr(piece, '\n', (size_t)(end - piece));
        (*newlines)++;
        if (!newline)
            return end;
        if (!goes_on(piece, newline))
            return newline;
        for (char *at = newline; *at != '\\'; at--)
            *at = ' ';
        *(char *)memrchr(piece, '\\', (size_t)(newline - piece)) = ' ';
        piece = newline + 1;
    }
}

/* Takes all lines that can be taken, so that everything wrong is reported. */
static int take_lines(struct mtree_reading *reading, char *text, size_t length)
{
    int result = 0;
    char *end = text + length;
    reading->line = 1;
    while (text < end) {
        size_t newlines = 0;
        char *line_end = join_lines(text, end, &newlines);
        *line_end = '\0';
        int error = take_line(reading, text, (size_t)(line_end - text));
        if (error == -CRAMFS_ERR_MEMORY)
            return error;
        result = error ? error : result;
        reading->line += newlines;
        text = line_end + 1;
    }
    return result;
}

int mtree_read(struct cramfs_tree *tree, const char *path, char *text, size_t length,
               struct cramfs_diags *diags, uint64_t *entries)
{
    struct mtree_reading reading = {
        .tree = tree,
        .path = path,
        .where_size = strlen(path) + sizeof(":18446744073709551615"),
        .diags = diags,
    };
    int error = mtree_source_create(tree, path, text, diags, &reading.source);
    if (error)
        return error;
    reading.where = malloc(reading.where_size);
    error = enter(&reading, "", tree->root, SECOND_ROOT);
    if (error) {
        free(reading.where);
        return error;
    }
    error = reading.where ? take_lines(&reading, text, length) : cramfs_fail_memory(diags);
    /* Also after an error, so that everything wrong on disk is reported, too. */
    if (error != -CRAMFS_ERR_MEMORY) {
        int second = mtree_apply(tree, reading.source, path, diags);
        error = error ? error : second;
    }
    if (!error && !tree->owners_replaced)
        error = mtree_name_owners(tree, reading.source, path, diags);
    free(reading.where);
    *entries += reading.entries;
    return error;
}
