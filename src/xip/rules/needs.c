#include "xip/rules/needs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/format.h"
#include "xip/program/elf_dynamic.h"
#include "xip/rules/needs_search.h"

/* If more are missing, only their number is reported. */
enum { MOST_REPORTED = 100, SHOWN_SIZE = 256 };

/* A file that a rule with `needs` decides. */
struct start {
    uint32_t rule;
    uint32_t node;
};

struct following {
    const struct cramfs_xip_rules *rules;
    const struct cramfs_tree *tree;
    struct cramfs_diags *diags;
    uint32_t *rule_of;
    uint32_t rule;  /* the current one */
    bool *followed; /* of each node: it is, or was, in the queue */
    uint32_t *queue;
    size_t queue_count;
    size_t queue_capacity;
    struct needs_search search;
    uint64_t missing;
};

/* Gives the file the current rule, unless it has an earlier one. */
static int take(struct following *following, struct cramfs_node *node)
{
    uint32_t *rule = &following->rule_of[node->number];
    *rule = following->rule < *rule ? following->rule : *rule;
    if (following->followed[node->number])
        return 0;
    if (!ARRAY_GROW(following, queue))
        return -CRAMFS_ERR_MEMORY;
    following->followed[node->number] = true;
    following->queue[following->queue_count++] = node->number;
    return 0;
}

static void report_missing(struct following *following, const struct cramfs_node *by,
                           const char *name, enum needs_found found)
{
    char shown[SHOWN_SIZE];
    if (following->missing++ >= MOST_REPORTED)
        return;
    cramfs_escape(name, strlen(name), shown, sizeof(shown));
    cramfs_node_report(
        following->diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, by,
        found == NEEDS_AMBIGUOUS
            ? "it needs '%s', and the tree has several, but none where its loader looks; name the "
              "right file in a rule"
        : found == NEEDS_RELATIVE
            ? "it needs '%s', a path from the directory in which it is started, which is not "
              "known; name the right file in a rule"
            : "it needs '%s', and the tree has no such library for its machine; add it",
        shown);
}

static int take_needed(struct following *following, const struct cramfs_node *by, const char *name,
                       struct elf_machine machine)
{
    struct cramfs_node *node;
    enum needs_found found;
    int error = needs_search_find(&following->search, by, name, machine, &node, &found);
    if (error)
        return error;
    if (node)
        return take(following, node);
    report_missing(following, by, name, found);
    return 0;
}

static int follow_dynamic(struct following *following, const struct cramfs_node *node,
                          const struct elf_dynamic *dynamic)
{
    int error = needs_search_add_run_path(&following->search, node, dynamic);
    if (!error && dynamic->interpreter)
        error = take_needed(following, node, dynamic->interpreter, dynamic->machine);
    size_t before = following->queue_count;
    for (size_t i = 0; !error && i < dynamic->needed_count; i++)
        error = take_needed(following, node, dynamic->needed[i], dynamic->machine);
    for (size_t i = before; i < following->queue_count; i++)
        needs_search_loaded_by(&following->search, following->queue[i], node);
    if (dynamic->fault)
        cramfs_node_report(following->diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, node,
                           "it may need more libraries than were found: %s", dynamic->fault);
    return error;
}

static int follow(struct following *following, const struct cramfs_node *node)
{
    struct elf_dynamic dynamic;
    unsigned char *bytes;
    int error = needs_search_read(node, &bytes);
    if (error || !bytes)
        return error;
    error = elf_dynamic_read(bytes, (size_t)node->size, &dynamic);
    if (!error) {
        error = follow_dynamic(following, node, &dynamic);
        elf_dynamic_free(&dynamic);
    }
    free(bytes);
    return error;
}

/* Breadth first: the order in which a dynamic loader loads. */
static int follow_all(struct following *following, const struct start *start)
{
    following->rule = start->rule;
    following->queue_count = 0;
    int error = take(following, following->tree->nodes[start->node]);
    for (size_t i = 0; !error && i < following->queue_count; i++)
        error = follow(following, following->tree->nodes[following->queue[i]]);
    return error;
}

static int compare_starts(const void *first, const void *second)
{
    const struct start *a = first;
    const struct start *b = second;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

/*
 * The files that rules with `needs` decide, by rule and then in path order. A file in this list may
 * also be needed by a file that is earlier in it. Then it is followed for the earlier file's rule,
 * and not again for its own.
 */
static size_t find_starts(const struct following *following, struct start *starts)
{
    size_t count = 0;
    for (uint32_t i = 0; i < following->tree->nodes_count; i++) {
        uint32_t rule = following->rule_of[i];
        if (rule != NO_RULE && following->rules->list[rule].needs &&
            S_ISREG(following->tree->nodes[i]->mode))
            starts[count++] = (struct start){rule, i};
    }
    if (count)
        qsort(starts, count, sizeof(*starts), compare_starts);
    return count;
}

static int follow_starts(struct following *following, const struct start *starts, size_t count)
{
    int error = 0;
    for (size_t i = 0; !error && i < count; i++) {
        if (!following->followed[starts[i].node])
            error = follow_all(following, &starts[i]);
    }
    if (following->missing > MOST_REPORTED)
        cramfs_report(following->diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, NULL,
                      "%" PRIu64 " more needed libraries were not found",
                      following->missing - MOST_REPORTED);
    return error;
}

int needs_follow(const struct cramfs_xip_rules *rules, const struct cramfs_tree *tree,
                 uint32_t *rule_of, struct cramfs_diags *diags)
{
    struct following following = {.rules = rules, .tree = tree, .diags = diags, .rule_of = rule_of};
    struct start *starts = calloc(tree->nodes_count, sizeof(*starts));
    size_t count = starts ? find_starts(&following, starts) : 0;
    int error = starts ? 0 : -CRAMFS_ERR_MEMORY;
    if (count) {
        following.followed = calloc(tree->nodes_count, sizeof(*following.followed));
        error =
            following.followed ? needs_search_init(&following.search, tree) : -CRAMFS_ERR_MEMORY;
        if (!error)
            error = follow_starts(&following, starts, count);
        needs_search_free(&following.search);
    }
    free(following.followed);
    free(following.queue);
    free(starts);
    return error == -CRAMFS_ERR_MEMORY ? cramfs_fail_memory(diags) : error;
}
