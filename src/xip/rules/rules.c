#include "cramfs/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text/lines.h"
#include "cramfs/exclude.h"

static const char blanks[] = " \t\r\v\f";

#define KINDS "in-place, text, readonly, compressed and stored"

enum { SHOWN_SIZE = 256 };

/* A file that is being read. */
struct rules_reading {
    struct cramfs_xip_rules *rules;
    struct cramfs_diags *diags;
};

/* A line that is being read. */
struct line {
    const char *where;
    struct cramfs_diags *diags;
    const char *glob; /* as written */
    char *pattern;    /* as it is matched; allocated */
    const char *kind; /* the word; NULL until it was read */
    enum cramfs_xip xip;
    bool needs;
    bool no_split;
    bool must;
};

#define FAIL(line, ...) cramfs_fail((line)->diags, CRAMFS_ERR_FORMAT, (line)->where, __VA_ARGS__)

static const char *show(const char *text, char *to)
{
    return cramfs_escape(text, strlen(text), to, SHOWN_SIZE);
}

/* The end of a glob: a blank without a backslash before it. */
static char *glob_end(char *glob)
{
    char *at = glob;
    while (*at && !strchr(blanks, *at))
        at += 1 + (*at == '\\' && at[1]);
    return at;
}

static bool find_kind(const char *word, enum cramfs_xip *xip)
{
    static const struct {
        const char *word;
        enum cramfs_xip xip;
    } kinds[] = {
        {"in-place", CRAMFS_XIP_FILE},     {"text", CRAMFS_XIP_TEXT},
        {"readonly", CRAMFS_XIP_READONLY}, {"compressed", CRAMFS_XIP_NONE},
        {"stored", CRAMFS_XIP_STORED},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].word, word) == 0) {
            *xip = kinds[i].xip;
            return true;
        }
    }
    return false;
}

static int take_word(struct line *line, const char *word)
{
    char shown[SHOWN_SIZE];
    if (strcmp(word, "needs") == 0) {
        line->needs = true;
        return 0;
    }
    if (strcmp(word, "must") == 0) {
        line->must = true;
        return 0;
    }
    if (strcmp(word, "nosplit") == 0) {
        line->no_split = true;
        return 0;
    }
    enum cramfs_xip xip;
    if (!find_kind(word, &xip))
        return FAIL(line,
                    "'%s' is not one of " KINDS ", needs, must and nosplit; if it is part of a "
                                                "glob, write a backslash before the blank",
                    show(word, shown));
    if (line->kind)
        return FAIL(line, "'%s' contradicts '%s' before it; a rule has only one of " KINDS, word,
                    line->kind);
    line->kind = word;
    line->xip = xip;
    return 0;
}

static int check_glob(const struct line *line)
{
    char shown[SHOWN_SIZE];
    size_t length = strlen(line->glob);
    if (!*line->pattern)
        return FAIL(line, "'%s' is the root, which is not a file; '/*' matches all its entries",
                    show(line->glob, shown));
    if (line->glob[length - 1] == '/')
        return FAIL(line,
                    "'%s' ends in '/', and no path does; leave out the '/' to match a directory",
                    show(line->glob, shown));
    return 0;
}

/* Every wrong word is reported. */
static int parse_line(struct line *line, char *text)
{
    char *rest = glob_end(text);
    if (*rest)
        *rest++ = '\0';
    line->glob = text;
    line->pattern = cramfs_exclude_pattern(text);
    if (!line->pattern)
        return cramfs_fail_memory(line->diags);
    int error = check_glob(line);
    for (char *word; (word = strtok_r(NULL, blanks, &rest)) && *word != '#';) {
        int wrong = take_word(line, word);
        error = wrong ? wrong : error;
    }
    if (!error && !line->kind)
        error =
            FAIL(line, "the rule does not say what to do; write one of " KINDS " after the glob");
    if (!error && line->must && (line->xip == CRAMFS_XIP_NONE || line->xip == CRAMFS_XIP_STORED))
        error =
            FAIL(line, "'must' needs a rule that puts pages in place, and '%s' puts none in place",
                 line->kind);
    return error;
}

/* The rule takes the line's pattern. */
static int add_rule(struct rules_reading *reading, struct line *line)
{
    struct cramfs_xip_rules *rules = reading->rules;
    struct cramfs_xip_rule rule = {
        .xip = line->xip, .needs = line->needs, .no_split = line->no_split, .must = line->must};
    rule.where = ARRAY_GROW(rules, list) ? strdup(line->where) : NULL;
    if (!rule.where)
        return cramfs_fail_memory(reading->diags);
    rule.glob = line->pattern;
    line->pattern = NULL;
    rules->list[rules->list_count++] = rule;
    return 0;
}

static int take_line(void *context, const char *where, char *text)
{
    struct rules_reading *reading = context;
    struct line line = {.where = where, .diags = reading->diags};
    text += strspn(text, blanks);
    if (!*text || *text == '#')
        return 0;
    int error = parse_line(&line, text);
    if (!error)
        error = add_rule(reading, &line);
    free(line.pattern);
    return error;
}

int cramfs_rules_read(struct cramfs_xip_rules *rules, const char *path, struct cramfs_diags *diags)
{
    struct rules_reading reading = {rules, diags};
    const struct lines lines = {"rule file", CRAMFS_RULE_LINE_SIZE, take_line, &reading};
    return lines_read(&lines, path, diags);
}

void cramfs_rules_free(struct cramfs_xip_rules *rules)
{
    if (!rules)
        return;
    for (size_t i = 0; i < rules->list_count; i++) {
        free(rules->list[i].glob);
        free(rules->list[i].where);
    }
    free(rules->list);
    *rules = (struct cramfs_xip_rules){0};
}
