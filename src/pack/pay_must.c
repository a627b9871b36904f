/*
 * Rules with `must`: their pages are paid for before all others. If the budget cannot pay for them,
 * there is no image.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pack/budget/choosing.h"
#include "pack/plan_parts.h"

/* What a rule with `must` takes: the shares of its files. */
struct rule_price {
    const char *rule;
    uint64_t cost;
};

static int compare_rules(const void *first, const void *second)
{
    return strcmp(((const struct rule_price *)first)->rule,
                  ((const struct rule_price *)second)->rule);
}

static size_t list_files(const struct cramfs_plan *plan, struct rule_price *list)
{
    size_t count = 0;
    for (uint32_t i = 0; i < plan->tree->nodes_count; i++) {
        const struct cramfs_node *node = plan->tree->nodes[i];
        if (node->xip_must && S_ISREG(node->mode) && node->size)
            list[count++] = (struct rule_price){node->xip_rule ? node->xip_rule : "",
                                                selection_of(&plan->encoded, i)->flash_cost};
    }
    return count;
}

/* A note for each rule, by file and line. */
static int note_rules(const struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    struct rule_price *list = calloc(plan->tree->nodes_count, sizeof(*list));
    if (!list)
        return cramfs_fail_memory(diags);
    size_t count = list_files(plan, list);
    qsort(list, count, sizeof(*list), compare_rules);
    for (size_t i = 0; i < count;) {
        uint64_t cost = 0;
        const char *rule = list[i].rule;
        for (; i < count && strcmp(list[i].rule, rule) == 0; i++)
            cost += list[i].cost;
        cramfs_report(diags, CRAMFS_NOTE, CRAMFS_ERR_LIMIT, rule,
                      "%" PRIu64 " of these bytes are for the files of this rule", cost);
    }
    free(list);
    return 0;
}

/*
 * A bound that is too small even with nothing in place is not reported here: the caller reports
 * that.
 */
int plan_pay_must(const struct cramfs_plan *plan, uint64_t bare_size, struct cramfs_diags *diags)
{
    const uint64_t must = plan->summary.budget.must_cost;
    const uint64_t budget = choosing_budget(&plan->options, bare_size);
    if (must <= budget || (plan->options.fit && plan->options.fit < bare_size))
        return 0;
    int error = cramfs_fail(diags, CRAMFS_ERR_LIMIT, NULL,
                            "the files that rules with 'must' put in place take %" PRIu64
                            " bytes of flash, %" PRIu64 " bytes over the budget of %" PRIu64
                            " bytes; raise the budget, or remove 'must' from a rule",
                            must, must - budget, budget);
    int unheard = note_rules(plan, diags);
    return unheard ? unheard : error;
}
