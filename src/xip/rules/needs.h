/*
 * What the programs of a tree need: the closure that the word `needs` of a rule takes in.
 */
#ifndef CRAMFS_XIP_RULES_NEEDS_H
#define CRAMFS_XIP_RULES_NEEDS_H

#include <stdint.h>

#include "cramfs/rules.h"

/* Behind every rule. */
#define NO_RULE UINT32_MAX

/*
 * `rule_of` has for each node of the finished tree the first rule whose glob fits it, or NO_RULE.
 * Lowers that for what is needed by files whose rule has `needs`. Warns of what is needed and not
 * found. Returns 0 or -CRAMFS_ERR_MEMORY with its diagnostic. Each file is followed once, whatever
 * the rules: what it needs has its rule or an earlier one from then on.
 */
int needs_follow(const struct cramfs_xip_rules *rules, const struct cramfs_tree *tree,
                 uint32_t *rule_of, struct cramfs_diags *diags);

#endif
