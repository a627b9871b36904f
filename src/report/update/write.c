#include <inttypes.h>
#include <stdlib.h>

#include "base/remedy.h"
#include "cramfs/update.h"
#include "report/update/apply_script.h"
#include "report/update/payload.h"
#include "report/update/ranges.h"

struct update {
    struct cramfs_diff diff; /* only the views and the erase block are filled in */
    uint64_t new_size;
    uint64_t last; /* where the block with the superblock begins */
};

static bool block_differs(const struct update *update, uint64_t begin)
{
    return !range_same(&update->diff, begin, range_block_end(&update->diff, begin));
}

/* The manifest being written. */
struct manifest {
    const struct update *update;
    FILE *out;
    int error;
};

/* " LENGTH DIGEST" of the bytes of one image there. */
static void put_digest(struct manifest *manifest, int side, uint64_t begin, uint64_t end)
{
    char hex[SHA256_HEX_SIZE];
    size_t length;
    manifest->error |= range_digest(&manifest->update->diff, side, begin, end, &length, hex);
    fprintf(manifest->out, " %zu %s", length, hex);
}

static void put_image(struct manifest *manifest, int side)
{
    fputs(side ? "new" : "old", manifest->out);
    put_digest(manifest, side, 0, UINT64_MAX);
    fputc('\n', manifest->out);
}

static void put_keep(struct manifest *manifest, const struct range *range)
{
    fprintf(manifest->out, "keep %" PRIu64, range->begin);
    put_digest(manifest, 1, range->begin, range->end);
    fputc('\n', manifest->out);
}

static void put_write(struct manifest *manifest, uint64_t begin)
{
    uint64_t end = begin + manifest->update->diff.erase_block;
    fprintf(manifest->out, "write %" PRIu64, begin);
    put_digest(manifest, 0, begin, end);
    put_digest(manifest, 1, begin, end);
    fputc('\n', manifest->out);
}

static void put_blocks(struct manifest *manifest)
{
    const struct update *update = manifest->update;
    struct range range = {0};
    for (uint64_t at = 0; at < update->new_size; at = range.end) {
        if (!block_differs(update, at)) {
            range_next(&update->diff, at, false, &range);
            put_keep(manifest, &range);
            continue;
        }
        range = (struct range){at, range_block_end(&update->diff, at)};
        if (at != update->last)
            put_write(manifest, at);
    }
}

/* The superblock is written last: until then a checker sees that the image is not whole. */
static void put_manifest(struct manifest *manifest)
{
    const struct update *update = manifest->update;
    fprintf(manifest->out, "cramfs-xip-update 1\nerase-block %" PRIu64 "\n",
            update->diff.erase_block);
    put_image(manifest, 0);
    put_image(manifest, 1);
    put_blocks(manifest);
    if (block_differs(update, update->last))
        put_write(manifest, update->last);
    fputs("end\n", manifest->out);
}

static int write_manifest(struct payload *payload, const struct update *update)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    struct manifest manifest = {.update = update, .out = out};
    if (out)
        put_manifest(&manifest);
    bool whole = out && !ferror(out) && !manifest.error;
    if (out && fclose(out) != 0)
        whole = false;
    int error = whole ? payload_put(payload, "manifest", text, length) : -CRAMFS_ERR_MEMORY;
    free(text);
    return error;
}

static int write_block(struct payload *payload, const struct update *update, uint64_t begin,
                       unsigned number)
{
    char name[32];
    size_t length;
    const unsigned char *bytes;
    void *copy;
    int error = range_stored(&update->diff, 1, begin, begin + update->diff.erase_block, &length,
                             &bytes, &copy);
    snprintf(name, sizeof(name), "blocks/%u.gz", number);
    if (!error)
        error = payload_put_compressed(payload, name, bytes, length);
    free(copy);
    return error;
}

static int write_blocks(struct payload *payload, const struct update *update)
{
    unsigned number = 0;
    int error = 0;
    for (uint64_t at = 0; !error && at < update->new_size;
         at = range_block_end(&update->diff, at)) {
        if (at != update->last && block_differs(update, at))
            error = write_block(payload, update, at, ++number);
    }
    if (!error && block_differs(update, update->last))
        error = write_block(payload, update, update->last, ++number);
    return error;
}

static int write_all(struct payload *payload, const struct update *update)
{
    int error = write_manifest(payload, update);
    if (!error)
        error = payload_put(payload, "apply.sh", apply_script, apply_script_length);
    if (!error)
        error = write_blocks(payload, update);
    return error ? error : payload_end(payload);
}

static int check_images(const struct update *update, struct cramfs_diags *diags)
{
    const struct cramfs_view *view = update->diff.views[1];
    int error = range_check_swap(&update->diff, diags);
    bool damaged = view->damage && view->damage->errors;
    uint32_t crc = view->image->super.crc;
    bool has_crc = view->image->super.flags & CRAMFS_FLAG_FSID_VERSION_2;
    if (damaged || (has_crc && cramfs_image_crc(view->image) != crc))
        error = with_remedy(cramfs_fail(diags, CRAMFS_ERR_FORMAT, "the new image",
                                        "it is damaged, and an update cannot produce it"),
                            diags, CRAMFS_REMEDY_CHECK, NULL);
    return error;
}

int cramfs_write_update(FILE *out, const struct cramfs_view *old_view,
                        const struct cramfs_view *new_view, uint64_t erase_block,
                        struct cramfs_diags *diags)
{
    uint64_t super = new_view->image->super_offset;
    const struct update update = {
        .diff = {.views = {old_view, new_view}, .erase_block = erase_block},
        .new_size = new_view->image->reader.size,
        .last = super - super % erase_block,
    };
    int error = check_images(&update, diags);
    if (error)
        return error;
    struct payload *payload = payload_create(out);
    error = payload ? write_all(payload, &update) : -CRAMFS_ERR_MEMORY;
    payload_free(payload);
    return error;
}
