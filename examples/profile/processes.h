/*
 * Counts the processes that have a file mapped, from /proc/PID/maps.
 */
#ifndef RESIDENT_PAGES_PROCESSES_H
#define RESIDENT_PAGES_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "inodes.h"

struct processes {
    struct inodes *inodes; /* where it is counted */
    uint64_t device;       /* of the profiled file system */
    unsigned looks;        /* scans so far; 0: the numbers are not known */
};

/*
 * Scans all processes but this one once, and keeps for each file the largest number of any scan.
 * Does nothing without /proc.
 */
void processes_look(struct processes *processes);

/*
 * Runs a command to its end, and scans ten times a second meanwhile, since most processes of a
 * workload end before the command does. Returns its wait status; ends the program if it cannot be
 * run.
 */
int processes_run(struct processes *processes, char *const *command);

#endif
