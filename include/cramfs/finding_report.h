/*
 * Findings as text for people and as JSON for machines.
 *
 * Findings are written while the image is read: a hostile image can have more of them than fit into
 * memory.
 */
#ifndef CRAMFS_FINDING_REPORT_H
#define CRAMFS_FINDING_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/finding.h"
#include "cramfs/survey.h"

CRAMFS_BEGIN_DECLARATIONS

/* IMAGE: SEVERITY: PATH: block N at OFFSET: WHAT [RULE: MUST], and a newline. */
void cramfs_finding_print(FILE *out, const char *image, const struct cramfs_survey *survey,
                          const struct cramfs_finding *finding);

/*
 * Writes the finding as an item of a JSON array, the first or a later one: an object as cramfsck(1)
 * documents it. A path, block or offset that the finding does not have is null. Returns 0,
 * -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_finding_json(FILE *out, bool first, const struct cramfs_survey *survey,
                        const struct cramfs_finding *finding);

CRAMFS_END_DECLARATIONS

#endif
