/* Writes a plan: to a file, or to memory. */
#include <string.h>

#include "format/bytes.h"
#include "pack/plan_parts.h"
#include "pack/write/write_file.h"

/* Reports that the image differs from its plan. */
static int fail_unplanned(const char *path, struct cramfs_diags *diags)
{
    return cramfs_fail(
        diags, CRAMFS_ERR_INTERNAL, path,
        "the image is not as planned, and is not written; this is a bug, report it with the tree");
}

int cramfs_plan_write(const struct cramfs_plan *plan, int file, const char *path,
                      struct cramfs_diags *diags)
{
    int system_error;
    int error = write_image_file(&plan->parts, file, &system_error);
    if (error == -CRAMFS_ERR_IO)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot write: %s", strerror(system_error));
    if (error == -CRAMFS_ERR_INTERNAL)
        return fail_unplanned(path, diags);
    return error ? cramfs_fail_memory(diags) : 0;
}

/* Puts the CRC into an image that has 0 there. */
static void put_crc(const struct cramfs_plan *plan, unsigned char *image, size_t size)
{
    size_t super = plan->options.boot_area ? CRAMFS_BOOT_SIZE : 0;
    uint32_t crc = cramfs_crc32(0, image + super, size - super);
    store32(plan->options.order, image + super + CRAMFS_SUPER_CRC_OFFSET, crc);
}

int cramfs_plan_write_memory(const struct cramfs_plan *plan, void *to, struct cramfs_diags *diags)
{
    uint64_t size = plan->summary.image_size;
    struct memory_sink sink = {{memory_sink_take}, to, size};
    int error = emit_image(&plan->parts, &sink.base);
    if (!error)
        put_crc(plan, to, (size_t)size);
    if (!error)
        cramfs_swap_copy(plan->options.swap, to, to, (size_t)size);
    if (error == -CRAMFS_ERR_MEMORY)
        return cramfs_fail_memory(diags);
    return error ? fail_unplanned(NULL, diags) : 0;
}
