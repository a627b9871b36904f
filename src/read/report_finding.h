/*
 * Reports a finding to a listener.
 */
#ifndef CRAMFS_READ_REPORT_FINDING_H
#define CRAMFS_READ_REPORT_FINDING_H

#include "cramfs/finding.h"
#include "cramfs/walk.h"

struct finding_place {
    uint32_t entry;
    uint32_t block;
    uint64_t offset;
};

static inline struct finding_place in_image(uint64_t offset)
{
    return (struct finding_place){CRAMFS_NO_ENTRY, CRAMFS_NO_BLOCK, offset};
}

static inline struct finding_place in_entry(uint32_t entry, uint64_t offset)
{
    return (struct finding_place){entry, CRAMFS_NO_BLOCK, offset};
}

static inline struct finding_place in_block(uint32_t entry, uint32_t block, uint64_t offset)
{
    return (struct finding_place){entry, block, offset};
}

/* `listener` may be NULL. The text says what is there; the rule says what must hold. */
void report_finding(const struct cramfs_listener *listener, enum cramfs_rule rule,
                    struct finding_place place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with another severity than the rule's. */
void report_finding_as(const struct cramfs_listener *listener,
                       enum cramfs_finding_severity severity, enum cramfs_rule rule,
                       struct finding_place place, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
