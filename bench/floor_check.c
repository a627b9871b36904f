/*
 * The floor of a check: inflate.
 */
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>

#include "cramfs/survey.h"
#include "floor.h"

struct stream {
    const unsigned char *bytes;
    uint32_t length;
};

struct streams {
    struct stream *list;
    size_t count;
};

/* The deflated blocks of the image, each once, in the order on disk. */
static struct streams find_streams(const struct cramfs_image *image,
                                   const struct cramfs_survey *survey)
{
    const struct cramfs_extents *extents = &survey->extents;
    struct streams streams = {must(calloc(extents->list_count + 1, sizeof(struct stream))), 0};
    for (size_t i = 0; i < extents->list_count; i++) {
        const struct cramfs_extent *extent = &extents->list[i];
        if (extent->kind != CRAMFS_EXTENT_DEFLATED)
            continue;
        struct cramfs_table table =
            cramfs_image_table(image, &survey->entries.list[extent->owner].inode);
        struct cramfs_block block;
        cramfs_block_locate(&table, extent->first_block, &block);
        streams.list[streams.count++] = (struct stream){
            .bytes = must((void *)(uintptr_t)cramfs_image_bytes(image, block.offset, block.length)),
            .length = (uint32_t)block.length,
        };
    }
    return streams;
}

struct inflating {
    struct libdeflate_decompressor *inflater;
    unsigned char page[CRAMFS_MAX_PAGE_SIZE];
};

static void *inflating_create(void *context)
{
    (void)context;
    struct inflating *inflating = malloc(sizeof(*inflating));
    if (inflating)
        inflating->inflater = must(libdeflate_alloc_decompressor());
    return inflating;
}

static uint64_t inflate_stream(void *context, void *state, size_t index)
{
    struct inflating *inflating = state;
    const struct stream *stream = &((const struct streams *)context)->list[index];
    size_t written = 0;
    if (libdeflate_zlib_decompress(inflating->inflater, stream->bytes, stream->length,
                                   inflating->page, sizeof(inflating->page), &written) != 0)
        fail("a block does not inflate");
    return written;
}

static void inflating_free(void *state)
{
    libdeflate_free_decompressor(((struct inflating *)state)->inflater);
    free(state);
}

/* In memory of its own: no page of it is mapped in while the clock runs. */
static void *load(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        fail(path);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = must(malloc(*size));
    if (fread(bytes, 1, *size, file) != *size)
        fail(path);
    fclose(file);
    return bytes;
}

void floor_check(const char *path, unsigned threads)
{
    const struct cramfs_open_options as_found = {0};
    struct cramfs_diags diags = {0};
    struct cramfs_image image;
    struct cramfs_survey survey;
    size_t size;
    void *bytes = load(path, &size);
    if (cramfs_image_open_memory(bytes, size, &as_found, &image, &diags) != 0 ||
        cramfs_survey(&image, NULL, &survey) != 0)
        fail(path);
    struct streams streams = find_streams(&image, &survey);
    const struct thread_work work = {inflating_create, inflate_stream, inflating_free};
    struct clock start = clock_start();
    uint64_t made = on_threads(threads, &work, &streams, streams.count, TEAM_STEP);
    clock_print(&start, "inflate", made);
}
