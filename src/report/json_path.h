/*
 * Paths in JSON. A JSON string is Unicode, a path is bytes: one that is not UTF-8 is shown with
 * U+FFFD for each byte that does not fit, and its bytes follow in hexadecimal as "path_bytes".
 */
#ifndef CRAMFS_REPORT_JSON_PATH_H
#define CRAMFS_REPORT_JSON_PATH_H

#include <json-c/json.h>

#include "cramfs/walk.h"

/* Adds "path", and "path_bytes" where needed. Returns 0 or -CRAMFS_ERR_MEMORY. */
int json_add_path(struct json_object *object, const struct cramfs_entries *entries, uint32_t entry);

#endif
