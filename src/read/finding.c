#include "cramfs/finding.h"

#include <stdarg.h>
#include <stdio.h>

#include "read/tell.h"

const struct cramfs_rule_info *cramfs_rule_info(enum cramfs_rule rule)
{
    static const struct cramfs_rule_info rules[] = {
#define RULE_INFO(symbol, name, severity, text) {name, CRAMFS_FINDING_##severity, text},
        CRAMFS_RULES(RULE_INFO)
#undef RULE_INFO
    };
    return &rules[rule];
}

const char *cramfs_finding_severity_name(enum cramfs_finding_severity severity)
{
    static const char *const names[] = {
        [CRAMFS_FINDING_ERROR] = "error",
        [CRAMFS_FINDING_HAZARD] = "hazard",
        [CRAMFS_FINDING_NOTE] = "note",
    };
    return names[severity];
}

void tell(const struct cramfs_listener *listener, enum cramfs_rule rule, struct place place,
          const char *format, ...)
{
    if (!listener)
        return;
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    struct cramfs_finding finding = {
        .rule = rule,
        .entry = place.entry,
        .block = place.block,
        .offset = place.offset,
        .text = text,
    };
    listener->found(listener->context, &finding);
}
