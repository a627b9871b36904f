/*
 * Writing a json-c value as text. json-c's own functions lose bytes without a word when memory runs
 * out, and do not escape what a terminal takes for a command.
 */
#ifndef CRAMFS_REPORT_JSON_PRINT_H
#define CRAMFS_REPORT_JSON_PRINT_H

#include <json-c/json.h>
#include <stdio.h>

/* Its depth is that of our documents. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY. */
int json_print(FILE *out, struct json_object *value);

#endif
