#include "tree/mtree/line.h"

#include <string.h>

#include "tree/mtree/escape.h"
#include "tree/mtree/facts.h"

static const char blanks[] = " \t\r\v\f\n";

/* The context of a line's diagnostics. */
struct mtree_line_context {
    const char *where;
    struct cramfs_diags *diags;
};

#define FAIL(context, ...)                                                                         \
    cramfs_fail((context)->diags, CRAMFS_ERR_FORMAT, (context)->where, __VA_ARGS__)

/* Splits a line into words. A '#' at the beginning of a word begins a comment. */
static int split_words(const struct mtree_line_context *context, char *text,
                       struct mtree_line *line)
{
    for (char *word; (word = strtok_r(NULL, blanks, &text)) && *word != '#';) {
        if (line->words_count == MTREE_WORDS)
            return FAIL(context, "the line has more than %d words, more than there are keywords",
                        MTREE_WORDS);
        line->words[line->words_count++] = word;
    }
    return 0;
}

/* The name is usually the first word; `mtree -D` puts it last. */
static void find_name(struct mtree_line *line)
{
    unsigned last = line->words_count - 1;
    bool at_end = mtree_is_keyword(line->words[0]) && !mtree_is_keyword(line->words[last]);
    line->name = line->words[at_end ? last : 0];
    line->words_count = last;
    if (!at_end)
        memmove(line->words, line->words + 1, last * sizeof(line->words[0]));
}

static int take_name(const struct mtree_line_context *context, struct mtree_line *line)
{
    char shown[MTREE_SHOWN_SIZE];
    char *name = line->name;
    mtree_shown(name, shown);
    if (strcmp(name, "..") == 0) {
        line->kind = MTREE_UP;
        return 0;
    }
    line->full_path = strcmp(name, ".") == 0 || strchr(name, '/');
    if (!mtree_unescape(name))
        return FAIL(context,
                    "the name '%s' contains an escape that vis(1) does not write; write \\ and "
                    "three octal digits",
                    shown);
    if (!line->full_path &&
        (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0))
        return FAIL(context, "the name '%s' is not possible for a file", shown);
    return 0;
}

int mtree_line_split(char *text, const char *where, struct cramfs_diags *diags,
                     struct mtree_line *line)
{
    const struct mtree_line_context context = {where, diags};
    line->kind = MTREE_NOTHING;
    line->words_count = 0;
    int error = split_words(&context, text, line);
    if (error || !line->words_count)
        return error;
    find_name(line);
    line->kind = MTREE_ENTRY;
    if (line->name[0] != '/')
        return take_name(&context, line);
    line->kind = strcmp(line->name, "/set") == 0 ? MTREE_SET : MTREE_UNSET;
    if (line->kind == MTREE_SET || strcmp(line->name, "/unset") == 0)
        return 0;
    char shown[MTREE_SHOWN_SIZE];
    return FAIL(&context, "'%s' is neither /set nor /unset; a path begins with './'",
                mtree_shown(line->name, shown));
}

/*
 * Whether a line belongs to a manifest: /set, /unset, or a name and only keywords, with the type
 * among them.
 */
static bool says_something(const char *text, size_t length)
{
    char copy[4096];
    struct mtree_line line = {0};
    size_t used = length < sizeof(copy) ? length : sizeof(copy) - 1;
    memcpy(copy, text, used);
    copy[used] = '\0';
    if (strlen(copy) < used || mtree_line_split(copy, NULL, NULL, &line) != 0)
        return false;
    bool typed = line.kind == MTREE_SET || line.kind == MTREE_UNSET;
    for (unsigned i = 0; i < line.words_count; i++) {
        bool last = i + 1 == line.words_count; /* cut, or the '\\' of a line that goes on */
        if (!mtree_is_keyword(line.words[i]) && !last)
            return false;
        typed |= strncmp(line.words[i], "type=", strlen("type=")) == 0;
    }
    return typed;
}

bool mtree_recognise(const char *text, size_t length)
{
    static const char signature[] = "#mtree";
    if (length >= strlen(signature) && memcmp(text, signature, strlen(signature)) == 0)
        return true;
    const char *end = text + length;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *line_end = newline ? newline : end;
        while (text < line_end && strchr(blanks, *text))
            text++;
        if (text < line_end && *text != '#')
            return says_something(text, (size_t)(line_end - text));
        text = newline ? newline + 1 : end;
    }
    return false;
}
