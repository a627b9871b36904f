#include "cli/cramfsck/xip_demands.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/common/common.h"

enum { ALL = 100 };

unsigned parse_percent(const char *option, const char *text)
{
    size_t length = strlen(text);
    char digits[24];
    if (!length || text[length - 1] != '%' || length > sizeof(digits))
        return (unsigned)parse_number(option, text, 0, ALL);
    memcpy(digits, text, length - 1);
    digits[length - 1] = '\0';
    return (unsigned)parse_number(option, digits, 0, ALL);
}

void add_xip_demand(struct cramfs_xip_gate *gate, const char *value)
{
    const char *colon = strrchr(value, ':');
    size_t length = strlen(value);
    struct cramfs_xip_demand demand = {.percent = ALL};
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
    if (colon && (!colon[1 + digits] || (digits && strcmp(colon + 1 + digits, "%") == 0))) {
        demand.percent = parse_percent("--require-xip", colon + 1);
        length = (size_t)(colon - value);
    }
    char *text = strndup(value, length);
    char *pattern = text ? cramfs_exclude_pattern(text) : NULL;
    free(text);
    if (!pattern || !ARRAY_GROW(gate, demands))
        memory_error();
    if (!*pattern)
        usage_error("--require-xip: '%s' names no file; '*' matches every file", value);
    demand.glob.pattern = pattern;
    gate->demand_label = "--require-xip=";
    gate->demands[gate->demands_count++] = demand;
}

bool xip_demanded(const struct cramfs_xip_gate *gate)
{
    return gate->demands_count || gate->min_direct;
}

void free_xip_demands(struct cramfs_xip_gate *gate)
{
    for (size_t i = 0; i < gate->demands_count; i++)
        free((char *)(uintptr_t)gate->demands[i].glob.pattern);
    free(gate->demands);
    *gate = (struct cramfs_xip_gate){0};
}
