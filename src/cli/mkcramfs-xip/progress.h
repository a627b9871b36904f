/*
 * A progress bar for who waits at a terminal.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_PROGRESS_H
#define CRAMFS_CLI_MKCRAMFS_XIP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool wanted;
    bool shown;   /* a bar stands on the screen */
    double begin; /* seconds, as all below */
    double last;  /* when it was drawn */
};

/* Seconds of a clock that only goes forward. */
double clock_seconds(void);

/* No bar where standard error is no terminal, or none is wanted. */
void progress_init(struct progress *progress, bool wanted);

/* Draws the bar, but not too often, and not for work that is done before anybody looks. */
void progress_show(struct progress *progress, uint64_t done, uint64_t all);

/* Takes the bar off the screen. */
void progress_clear(struct progress *progress);

#endif
