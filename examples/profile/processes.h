/*
 * How many processes have a file mapped, by /proc/PID/maps.
 */
#ifndef RESIDENT_PAGES_PROCESSES_H
#define RESIDENT_PAGES_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "inodes.h"

struct processes {
    struct inodes *inodes; /* where it is counted */
    uint64_t device;       /* of the file system that counts */
    unsigned looks;        /* so far; 0: it is not known how many */
};

/*
 * Looks once at all processes but this one, and keeps for each file the most that were found in any
 * look. Does nothing where there is no /proc.
 */
void processes_look(struct processes *processes);

/*
 * Runs a command to its end, and looks ten times a second meanwhile: most processes of a workload
 * have ended by then. Returns its wait status; ends the program when it cannot be run.
 */
int processes_run(struct processes *processes, char *const *command);

#endif
