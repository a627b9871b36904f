/*
 * The curve of RAM over flash, read from the JSON that mkcramfs-xip(1) documents.
 */
#ifndef CRAMFS_REPORT_HTML_WHAT_IF_H
#define CRAMFS_REPORT_HTML_WHAT_IF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/diag.h"

struct json_object;

struct what_if_point {
    uint64_t budget; /* that makes this image */
    uint64_t image_size;
    uint64_t ram_saved;
    uint64_t pages;
    struct json_object *files; /* those that changed since the point before; NULL: not said */
};

struct what_if {
    struct json_object *root; /* NULL: there is no curve */
    struct what_if_point *points;
    size_t points_count;
    bool touched;   /* ram_saved is of pages that a profile touched */
    uint64_t limit; /* bytes that the image may have; 0: none */
};

/*
 * Reads the file: any JSON may be in it. The points ascend by size. Returns 0, -CRAMFS_ERR_IO, or
 * -CRAMFS_ERR_USAGE when it is no curve of an image with that page size, with a diagnostic; or
 * -CRAMFS_ERR_MEMORY. Free in any case.
 */
int what_if_read(const char *path, uint32_t page_size, struct what_if *curve,
                 struct cramfs_diags *diags);
void what_if_free(struct what_if *curve);

#endif
