/*
 * A progress bar on a terminal, with an estimate of the time left.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_PROGRESS_H
#define CRAMFS_CLI_MKCRAMFS_XIP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool wanted;
    bool shown;   /* a bar is on the screen */
    double begin; /* seconds, as all below */
    double last;  /* when it was drawn */
};

/* Seconds of a clock that only goes forward. */
double clock_seconds(void);

/* Draws no bar if standard error is not a terminal, or the options exclude it. */
void progress_init(struct progress *progress, bool wanted);

/*
 * Draws the bar, but not too often, and not for work that takes only a moment. The time left is
 * estimated from the time that the bytes before took.
 */
void progress_show(struct progress *progress, uint64_t done, uint64_t all);

/* Removes the bar from the screen. */
void progress_clear(struct progress *progress);

#endif
