/*
 * Scales of a picture: from values to whole units, and where its ticks are.
 */
#ifndef CRAMFS_REPORT_WHAT_IF_SCALE_H
#define CRAMFS_REPORT_WHAT_IF_SCALE_H

#include <stdint.h>

/* A range of values along `length` units of the picture. */
struct scale {
    uint64_t low;
    uint64_t high; /* more than low */
    uint64_t length;
};

/* How far along the scale a value is; one outside is at its end. */
uint64_t scale_at(const struct scale *scale, uint64_t value);

/*
 * 1, 2 or 5 times a power of ten of `unit`, so that at most `most` of these are in the range.
 */
uint64_t scale_step(const struct scale *scale, uint64_t unit, uint64_t most);

/* 1 MiB where the range has several of them, or else 1 KiB. */
uint64_t scale_bytes_unit(const struct scale *scale);

#endif
