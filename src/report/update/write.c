#include <inttypes.h>
#include <stdlib.h>

#include "base/remedy.h"
#include "cramfs/update.h"
#include "report/update/apply_script.h"
#include "report/update/payload.h"
#include "report/update/ranges.h"
#include "report/update/sha256.h"

struct update {
    struct cramfs_diff diff; /* the views and the erase block; no more is filled in */
    uint64_t new_size;
    uint64_t last; /* where the block with the superblock begins */
};

static bool block_differs(const struct update *update, uint64_t begin)
{
    return !range_same(&update->diff, begin, range_block_end(&update->diff, begin));
}

static void put_image(FILE *out, const struct update *update, int side)
{
    static const char *const names[] = {"old", "new"};
    char hex[SHA256_HEX_SIZE];
    size_t length;
    const unsigned char *bytes = range_bytes(&update->diff, side, 0, UINT64_MAX, &length);
    fprintf(out, "%s %zu %s\n", names[side], length, sha256_hex(bytes, length, hex));
}

static void put_write(FILE *out, const struct update *update, uint64_t begin)
{
    uint64_t end = begin + update->diff.erase_block;
    fprintf(out, "write %" PRIu64, begin);
    for (int side = 0; side < 2; side++) {
        char hex[SHA256_HEX_SIZE];
        size_t length;
        const unsigned char *bytes = range_bytes(&update->diff, side, begin, end, &length);
        fprintf(out, " %zu %s", length, bytes ? sha256_hex(bytes, length, hex) : "-");
    }
    fputc('\n', out);
}

static void put_keep(FILE *out, const struct update *update, const struct range *range)
{
    char hex[SHA256_HEX_SIZE];
    size_t length;
    const unsigned char *bytes = range_bytes(&update->diff, 1, range->begin, range->end, &length);
    fprintf(out, "keep %" PRIu64 " %zu %s\n", range->begin, length, sha256_hex(bytes, length, hex));
}

/* The superblock is written last: until then a checker sees that the image is not whole. */
static void put_manifest(FILE *out, const struct update *update)
{
    const struct cramfs_diff *diff = &update->diff;
    struct range range = {0};
    fprintf(out, "cramfs-xip-update 1\nerase-block %" PRIu64 "\n", diff->erase_block);
    put_image(out, update, 0);
    put_image(out, update, 1);
    for (uint64_t at = 0; at < update->new_size; at = range.end) {
        if (!block_differs(update, at)) {
            range_next(diff, at, false, &range);
            put_keep(out, update, &range);
            continue;
        }
        range = (struct range){at, range_block_end(diff, at)};
        if (at != update->last)
            put_write(out, update, at);
    }
    if (block_differs(update, update->last))
        put_write(out, update, update->last);
    fputs("end\n", out);
}

static int write_manifest(struct payload *payload, const struct update *update)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    int error = -CRAMFS_ERR_MEMORY;
    if (out) {
        put_manifest(out, update);
        bool whole = !ferror(out);
        whole = fclose(out) == 0 && whole;
        error = whole ? payload_put(payload, "manifest", text, length) : -CRAMFS_ERR_MEMORY;
    }
    free(text);
    return error;
}

static int write_block(struct payload *payload, const struct update *update, uint64_t begin,
                       unsigned number)
{
    char name[32];
    size_t length;
    const unsigned char *bytes =
        range_bytes(&update->diff, 1, begin, begin + update->diff.erase_block, &length);
    snprintf(name, sizeof(name), "blocks/%u.gz", number);
    return payload_put_compressed(payload, name, bytes, length);
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
                                        "it is damaged, and no update makes it"),
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
