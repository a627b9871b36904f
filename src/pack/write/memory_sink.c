#include <string.h>

#include "pack/plan_parts.h"

struct memory_sink {
    struct byte_sink base;
    unsigned char *at;
    uint64_t room;
};

static int take_bytes(struct byte_sink *base, const void *bytes, size_t length)
{
    struct memory_sink *sink = (struct memory_sink *)base;
    if (length > sink->room)
        return -CRAMFS_ERR_INTERNAL;
    memcpy(sink->at, bytes, length);
    sink->at += length;
    sink->room -= length;
    return 0;
}

int cramfs_plan_write_memory(const struct cramfs_plan *plan, void *to, struct cramfs_diags *diags)
{
    uint64_t size = plan->summary.image_size;
    struct memory_sink sink = {{take_bytes}, to, size};
    int error = emit_image(&plan->parts, &sink.base);
    if (!error)
        cramfs_swap_copy(plan->options.swap, to, to, (size_t)size);
    if (error == -CRAMFS_ERR_MEMORY)
        return cramfs_fail_memory(diags);
    return error ? plan_fail_unplanned(NULL, diags) : 0;
}
