/* Which pages of a mapping are in ROM, and the kernel's messages when it made the mapping. */
#ifndef MAPPING_H
#define MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The physical addresses that are ROM: a page is direct when its frame is among them. */
struct rom_window {
    uint64_t start;
    uint64_t end;
};

/*
 * Map LENGTH bytes at OFFSET of the file PATH below ROOT, and write a "mapping" record. FLAGS are
 * as /proc/PID/maps has them; the fourth letter is p or s, and may be left out for p. With KEEP the
 * mapping stays.
 */
void mapping_record(const struct rom_window *rom, const char *root, const char *path,
                    uint64_t offset, size_t length, const char *flags, bool keep);

/*
 * Write a "region" record for every mapping of a file that the process has; PROCESS is its number,
 * or "self".
 */
void mapping_record_process(const struct rom_window *rom, const char *process);

#endif
