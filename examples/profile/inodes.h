/*
 * Files by their inode numbers, on the profiled file system. Names of one inode are one file, with
 * the same pages in RAM and the same mappings of processes. The width of ino_t depends on the
 * options of the compiler; the width here does not.
 */
#ifndef RESIDENT_PAGES_INODES_H
#define RESIDENT_PAGES_INODES_H

#include <stdbool.h>
#include <stdint.h>

struct inode {
    uint64_t number;
    bool printed;       /* under its first name */
    unsigned processes; /* the most processes that had it mapped at once */
    /* While processes are looked at: */
    unsigned look;     /* the number of the scan that the next two are from */
    unsigned now;      /* how many processes had it mapped in that scan */
    long last_process; /* the last process counted: its other mappings do not count */
};

struct inodes {
    void *tree; /* of tsearch(3) */
};

/* The inode with that number, which is added if it is new. Ends the program if memory runs out. */
struct inode *inode_of(struct inodes *inodes, uint64_t number);

void inodes_free(struct inodes *inodes);

#endif
