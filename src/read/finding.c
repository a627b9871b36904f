#include "cramfs/finding.h"

#include <stdarg.h>
#include <stdio.h>

#include "read/report_finding.h"

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

static void report_finding_list(const struct cramfs_listener *listener,
                                enum cramfs_finding_severity severity, enum cramfs_rule rule,
                                struct finding_place place, const char *format, va_list arguments)
{
    char text[256];
    if (!listener)
        return;
    vsnprintf(text, sizeof(text), format, arguments);
    struct cramfs_finding finding = {
        .rule = rule,
        .severity = severity,
        .entry = place.entry,
        .block = place.block,
        .offset = place.offset,
        .text = text,
    };
    listener->found(listener->context, &finding);
}

void report_finding(const struct cramfs_listener *listener, enum cramfs_rule rule,
                    struct finding_place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_finding_list(listener, cramfs_rule_info(rule)->severity, rule, place, format, arguments);
    va_end(arguments);
}

void report_finding_as(const struct cramfs_listener *listener,
                       enum cramfs_finding_severity severity, enum cramfs_rule rule,
                       struct finding_place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_finding_list(listener, severity, rule, place, format, arguments);
    va_end(arguments);
}
