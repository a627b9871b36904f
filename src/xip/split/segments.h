/* A file to cut, as read: its program headers, and which of them may be cut. */
#ifndef CRAMFS_XIP_SPLIT_SEGMENTS_H
#define CRAMFS_XIP_SPLIT_SEGMENTS_H

#include "xip/split/headers.h"
#include "xip/split/refusal.h"

struct segments {
    const unsigned char *bytes;
    size_t size;
    uint32_t page_size;
    struct elf_form form;
    bool is_loader;              /* a dynamic loader, or a file that may be one */
    struct program_header *list; /* all program headers */
    size_t count;
    const struct program_header *first; /* the first PT_LOAD */
};

/* Reads the file; free it in any case. Returns 0 or -CRAMFS_ERR_MEMORY, and a refusal. */
int segments_read(const void *bytes, size_t size, uint32_t page_size, struct segments *segments,
                  enum split_refusal *refusal);
void segments_free(struct segments *segments);

/* Whether the program header is a read-only PT_LOAD whose pages all come from the file. */
bool segment_is_read_only(const struct segments *segments, const struct program_header *header);

/* How many program headers fit into the slack of that segment; *offset is where in the file. */
size_t slack_room(const struct segments *segments, const struct program_header *header,
                  uint64_t *offset);

/* The same for a table after the file; its own PT_LOAD is not counted. */
size_t appended_room(const struct segments *segments, uint64_t *offset);

#endif
