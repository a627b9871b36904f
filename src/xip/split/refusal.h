/*
 * Why a file cannot be cut.
 */
#ifndef CRAMFS_XIP_SPLIT_REFUSAL_H
#define CRAMFS_XIP_SPLIT_REFUSAL_H

enum split_refusal {
    SPLIT_POSSIBLE,
    SPLIT_NOT_LOADABLE, /* not an ELF file, or one that no loader maps (ET_REL) */
    SPLIT_MALFORMED,
    SPLIT_FDPIC,            /* its loader moves each segment by itself */
    SPLIT_UCLIBC,           /* uClibc-ng's loader looks for the table in the file's first page */
    SPLIT_TEXT_RELOCATIONS, /* DT_TEXTREL: its loader writes to read-only segments */
    SPLIT_OVERLAPPING,      /* segments that do not ascend, or share pages in memory */
    SPLIT_NOTHING,          /* no read-only segment of more than a page */
    SPLIT_NO_ROOM,          /* for one more program header, in either form */
};

/* The refusal as a phrase: "its segments overlap". */
const char *split_refusal_text(enum split_refusal refusal);

#endif
