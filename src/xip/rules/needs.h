/* The files that the programs of a tree need: the closure for the word `needs` of a rule. */
#ifndef CRAMFS_XIP_RULES_NEEDS_H
#define CRAMFS_XIP_RULES_NEEDS_H

#include <stdint.h>

#include "cramfs/rules.h"

/* No rule; greater than every number of a rule. */
#define NO_RULE UINT32_MAX

/*
 * `rule_of` has, for each node of the finished tree, the first rule whose glob matches it, or
 * NO_RULE. If the rule of a file has `needs`, the files that it needs get the same rule, unless
 * they have an earlier one. Warns of needed files that are not found. Returns 0 or
 * -CRAMFS_ERR_MEMORY with its diagnostic. Rules with `needs` are applied in their order. So each
 * file is followed once: when a later rule reaches it, the files that it needs already have an
 * earlier one.
 */
int needs_follow(const struct cramfs_xip_rules *rules, const struct cramfs_tree *tree,
                 uint32_t *rule_of, struct cramfs_diags *diags);

#endif
