#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/rules.h"
#include "tree/glob.h"
#include "xip/rules/needs.h"

enum { SHOWN_SIZE = 256 };

/* What a rule has matched and decided so far. */
struct outcome {
    struct glob glob;
    bool matches;     /* it matches a file, or a directory and so everything below it */
    bool matches_odd; /* it matches a link or a device */
    bool decides;
};

struct rules_applying {
    const struct cramfs_xip_rules *rules;
    struct cramfs_tree *tree;
    struct cramfs_diags *diags;
    struct outcome *outcomes; /* of each rule */
    uint32_t *rule_of;        /* of each node: the first rule that matches it, or NO_RULE */
};

/* A walk over the nodes in path order. */
struct rules_walk {
    char *text; /* the path of the current node, without the leading '/' */
    size_t text_capacity;
    struct rules_step *steps; /* the nodes on the way to it, from the root to the node itself */
    size_t steps_count;
    size_t steps_capacity;
};

struct rules_step {
    const struct cramfs_node *node;
    size_t length; /* of the path to it */
};

static bool walk_to(struct rules_walk *walk, const struct cramfs_node *node, struct glob_path *path)
{
    while (walk->steps_count && walk->steps[walk->steps_count - 1].node != node->parent)
        walk->steps_count--;
    size_t length = walk->steps_count ? walk->steps[walk->steps_count - 1].length : 0;
    size_t name = strlen(node->name);
    if (!array_reserve(&walk->text, 1, length, &walk->text_capacity, name + 2) ||
        !ARRAY_GROW(walk, steps))
        return false;
    if (length)
        walk->text[length++] = '/';
    memcpy(walk->text + length, node->name, name + 1);
    walk->steps[walk->steps_count++] = (struct rules_step){node, length + name};
    path->text = walk->text;
    path->length = length + name;
    path->slashes = walk->steps_count > 2 ? walk->steps_count - 2 : 0;
    return true;
}

/*
 * The first rule for a node: its own, or the one of its directory. Later rules are tried only until
 * each is known to match something.
 */
static uint32_t first_rule(const struct rules_applying *applying, const struct cramfs_node *node,
                           const struct glob_path *path)
{
    uint32_t first = applying->rule_of[node->parent->number];
    bool odd = !S_ISREG(node->mode) && !S_ISDIR(node->mode);
    for (uint32_t i = 0; i < applying->rules->list_count; i++) {
        struct outcome *outcome = &applying->outcomes[i];
        if (i >= first && outcome->matches)
            continue;
        if (!glob_matches(&outcome->glob, path))
            continue;
        outcome->matches |= !odd;
        outcome->matches_odd |= odd;
        first = i < first ? i : first;
    }
    return first;
}

static int match(const struct rules_applying *applying)
{
    struct rules_walk walk = {0};
    int error = 0;
    applying->rule_of[0] = NO_RULE; /* the root has no name that a glob could match */
    for (uint32_t i = 0; !error && i < applying->tree->nodes_count; i++) {
        struct glob_path path;
        if (!walk_to(&walk, applying->tree->nodes[i], &path))
            error = -CRAMFS_ERR_MEMORY;
        else if (i)
            applying->rule_of[i] = first_rule(applying, applying->tree->nodes[i], &path);
    }
    free(walk.text);
    free(walk.steps);
    return error;
}

static void mark(const struct rules_applying *applying)
{
    for (uint32_t i = 0; i < applying->tree->nodes_count; i++) {
        struct cramfs_node *node = applying->tree->nodes[i];
        if (applying->rule_of[i] == NO_RULE || !(S_ISREG(node->mode) || S_ISDIR(node->mode)))
            continue;
        const struct cramfs_xip_rule *rule = &applying->rules->list[applying->rule_of[i]];
        applying->outcomes[applying->rule_of[i]].decides = true;
        if (!S_ISREG(node->mode))
            continue;
        node->xip = (unsigned char)rule->xip;
        node->xip_rule = rule->where;
        node->no_split = rule->no_split;
        node->xip_must = rule->must;
    }
}

/* A rule that does nothing is more likely a mistake than intended. */
static void report_idle(const struct rules_applying *applying)
{
    for (size_t i = 0; i < applying->rules->list_count; i++) {
        const struct cramfs_xip_rule *rule = &applying->rules->list[i];
        const struct outcome *outcome = &applying->outcomes[i];
        char shown[SHOWN_SIZE];
        cramfs_escape(rule->glob, strlen(rule->glob), shown, sizeof(shown));
        if (!outcome->matches)
            cramfs_report(applying->diags, CRAMFS_WARNING, CRAMFS_ERR_USAGE, rule->where,
                          "no file matches '%s'%s", shown,
                          outcome->matches_odd ? ", only links or devices, to which rules do not "
                                                 "apply; name the file that a link leads to"
                                               : "");
        else if (!outcome->decides)
            cramfs_report(applying->diags, CRAMFS_NOTE, CRAMFS_ERR_USAGE, rule->where,
                          "earlier rules decide for all files that match '%s'", shown);
    }
}

static int apply(const struct rules_applying *applying)
{
    for (size_t i = 0; i < applying->rules->list_count; i++)
        glob_init(&applying->outcomes[i].glob, applying->rules->list[i].glob);
    if (match(applying) != 0)
        return cramfs_fail_memory(applying->diags);
    int error = needs_follow(applying->rules, applying->tree, applying->rule_of, applying->diags);
    if (error)
        return error;
    mark(applying);
    report_idle(applying);
    return 0;
}

int cramfs_rules_apply(const struct cramfs_xip_rules *rules, struct cramfs_tree *tree,
                       struct cramfs_diags *diags)
{
    if (!rules->list_count)
        return 0;
    struct rules_applying applying = {
        .rules = rules,
        .tree = tree,
        .diags = diags,
        .outcomes = calloc(rules->list_count, sizeof(*applying.outcomes)),
        .rule_of = calloc(tree->nodes_count, sizeof(*applying.rule_of)),
    };
    int error =
        applying.outcomes && applying.rule_of ? apply(&applying) : cramfs_fail_memory(diags);
    free(applying.outcomes);
    free(applying.rule_of);
    return error;
}

void cramfs_rules_apply_sticky(struct cramfs_tree *tree, const char *name)
{
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        struct cramfs_node *node = tree->nodes[i];
        if (!S_ISREG(node->mode) || !(node->mode & S_ISVTX) || node->xip_rule)
            continue;
        node->xip = CRAMFS_XIP_FILE;
        node->xip_rule = name;
    }
}
