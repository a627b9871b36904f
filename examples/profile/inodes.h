/*
 * Files by their inode numbers, on the one file system that is looked at: names of one inode are
 * one file, with the same pages in RAM and the same mappings of processes. The width of ino_t
 * depends on what a file is compiled with; this header's does not.
 */
#ifndef RESIDENT_PAGES_INODES_H
#define RESIDENT_PAGES_INODES_H

#include <stdbool.h>
#include <stdint.h>

struct inode {
    uint64_t number;
    bool printed;       /* under its first name */
    unsigned processes; /* the most that had it mapped at once */
    /* While processes are looked at: */
    unsigned look;     /* the number of the look that these two are of */
    unsigned now;      /* how many processes had it by then */
    long last_process; /* that was counted: many mappings count once */
};

struct inodes {
    void *tree; /* of tsearch(3) */
};

/* The inode with that number, added where it is new. Ends the program when memory runs out. */
struct inode *inode_of(struct inodes *inodes, uint64_t number);

void inodes_free(struct inodes *inodes);

#endif
