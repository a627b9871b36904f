/* A process's memory as the kernel reports it: its regions, and the frames of their pages. */
#ifndef PROC_H
#define PROC_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/* A line of /proc/PID/maps. The texts live until the next region is read. */
struct region {
    uint64_t start, end, offset;
    const char *flags;
    const char *path;
};

struct regions {
    struct text_reader maps;
    char line[5000];
};

/* PROCESS is a number, or "self". */
void regions_open(struct regions *regions, const char *process);
bool regions_next(struct regions *regions, struct region *region);
void regions_close(struct regions *regions);

/* /proc/PID/pagemap, a part at a time. */
struct frames {
    int pagemap;
    uint64_t loaded; /* the number of the first page in entries */
    uint64_t entries[512];
};

/* Returns false where the kernel keeps no page tables, as without an MMU. */
bool frames_open(struct frames *frames, const char *process);

/* The physical address of a page, or 0 when it has none. */
uint64_t frames_address(struct frames *frames, uint64_t virtual_address);
void frames_close(struct frames *frames);

#endif
