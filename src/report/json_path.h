/*
 * Names in JSON. A JSON string is Unicode, a name is bytes: one that is not UTF-8 is shown with
 * U+FFFD for each byte that does not fit, and its bytes follow in hexadecimal, as "path_bytes" for
 * "path".
 */
#ifndef CRAMFS_REPORT_JSON_PATH_H
#define CRAMFS_REPORT_JSON_PATH_H

#include <json-c/json.h>

#include "cramfs/walk.h"

/* Adds `key`, and `key`_bytes where needed. Returns 0 or -CRAMFS_ERR_MEMORY. */
int json_add_bytes(struct json_object *object, const char *key, const char *bytes, size_t length);

/* The same of an entry's path; and of the one that an object is about, as "path". */
int json_add_entry(struct json_object *object, const char *key,
                   const struct cramfs_entries *entries, uint32_t entry);
int json_add_path(struct json_object *object, const struct cramfs_entries *entries, uint32_t entry);

#endif
