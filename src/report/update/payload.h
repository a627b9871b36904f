/*
 * The tar of an update, through libarchive: it puts one file after another.
 */
#ifndef CRAMFS_REPORT_UPDATE_PAYLOAD_H
#define CRAMFS_REPORT_UPDATE_PAYLOAD_H

#include <stdio.h>

struct payload;

/* Nothing is written yet. NULL when memory runs out. */
struct payload *payload_create(FILE *out);

/* Returns 0 or -CRAMFS_ERR_IO. */
int payload_put(struct payload *payload, const char *name, const void *bytes, size_t length);

/*
 * The same for the bytes as gzip(1) compresses them. Returns 0, -CRAMFS_ERR_IO or
 * -CRAMFS_ERR_MEMORY.
 */
int payload_put_compressed(struct payload *payload, const char *name, const void *bytes,
                           size_t length);

/* Writes the end. Returns 0 or -CRAMFS_ERR_IO. */
int payload_end(struct payload *payload);

/* Those that are NULL are freed already. */
void payload_free(struct payload *payload);

#endif
