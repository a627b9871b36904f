/*
 * An entry as a JSON object.
 */
#ifndef CRAMFS_REPORT_LIST_ENTRY_JSON_H
#define CRAMFS_REPORT_LIST_ENTRY_JSON_H

#include "report/block_reader.h"
#include "report/json.h"
#include "report/list/pages.h"

struct json_object *entry_object(const struct cramfs_view *view, uint32_t entry,
                                 const struct pages *pages, struct block_reader *reader,
                                 int *error);

/* Type, permissions, owner, and size or device number. */
void json_add_status(struct json_object *object, const struct cramfs_inode *inode, int *error);

#endif
