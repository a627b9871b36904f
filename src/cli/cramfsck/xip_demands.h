/*
 * cramfsck's demands on what runs in place: --require-xip and --min-direct.
 */
#ifndef CRAMFS_CLI_CRAMFSCK_XIP_DEMANDS_H
#define CRAMFS_CLI_CRAMFSCK_XIP_DEMANDS_H

#include <stdbool.h>

#include "cramfs/xip_gate.h"

/*
 * Adds the demand of "GLOB[:PERCENT]". Only a number after the last ':', with a percent sign or
 * without, is a percentage: globs have colons, too ("[[:alpha:]]"). A wrong one is a usage error.
 */
void add_xip_demand(struct cramfs_xip_gate *gate, const char *value);

/* The value of --min-direct. */
unsigned parse_percent(const char *option, const char *text);

/* Whether anything is demanded. */
bool xip_demanded(const struct cramfs_xip_gate *gate);

void free_xip_demands(struct cramfs_xip_gate *gate);

#endif
