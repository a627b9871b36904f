/*
 * Names in JSON. A JSON string is Unicode, a name is bytes: a name that is not UTF-8 is shown with
 * U+FFFD for each wrong byte, and its bytes follow in hexadecimal, as "path_bytes" for "path".
 */
#ifndef CRAMFS_REPORT_JSON_PATH_H
#define CRAMFS_REPORT_JSON_PATH_H

#include <json-c/json.h>

#include "cramfs/walk.h"

/* Adds `key`, and `key`_bytes where needed. Returns 0 or -CRAMFS_ERR_MEMORY. */
int json_add_bytes(struct json_object *object, const char *key, const char *bytes, size_t length);

/* The same for an entry's path; and for the path of an object's subject, as "path". */
int json_add_entry(struct json_object *object, const char *key,
                   const struct cramfs_entries *entries, uint32_t entry);
int json_add_path(struct json_object *object, const struct cramfs_entries *entries, uint32_t entry);

#endif
