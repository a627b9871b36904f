/*
 * The flash cost of stored pages with a direct pointer. The cost of a page is the flash that it
 * takes, less the flash that it would take without a direct pointer. To find the latter, the pool
 * compresses the page. Each job of the pool has many pages.
 */
#include <stdlib.h>

#include "base/pool.h"
#include "base/zero.h"
#include "cramfs/codec.h"
#include "cramfs/diag.h"
#include "read/xip/xip.h"

/* Some milliseconds of compressing. */
enum { JOB_PAGES = 64 };

struct cost_job {
    size_t count;
    struct cost_page {
        const unsigned char *bytes;
        uint32_t length;
        uint32_t flash_bytes; /* bytes of flash that it takes in the image */
        uint32_t entry;       /* the file that pays for it */
        uint32_t cost;        /* the result */
    } pages[JOB_PAGES];
};

struct worker {
    struct cramfs_deflater *deflater;
    unsigned char room[]; /* for the compressed page, which can be longer than the page */
};

static void *worker_create(void *context)
{
    const struct xip_cost *cost = context;
    struct worker *worker = malloc(sizeof(*worker) + cramfs_deflate_bound(cost->image->page_size));
    if (!worker)
        return NULL;
    worker->deflater = cramfs_deflater_create(CRAMFS_COMPRESSOR_DEFAULT, CRAMFS_DEFAULT_LEVEL);
    if (!worker->deflater) {
        free(worker);
        return NULL;
    }
    return worker;
}

static void worker_free(void *state)
{
    struct worker *worker = state;
    cramfs_deflater_free(worker->deflater);
    free(worker);
}

/*
 * The bytes that a page would take without a direct pointer: 0 if it can be a hole, otherwise the
 * smaller of its stored and compressed lengths.
 */
static size_t smallest_bytes(struct worker *worker, const unsigned char *bytes, size_t length)
{
    if (all_zero(bytes, length))
        return 0;
    size_t deflated =
        cramfs_deflate(worker->deflater, bytes, length, worker->room, cramfs_deflate_bound(length));
    return deflated && deflated < length ? deflated : length;
}

static void run_job(void *state, void *argument)
{
    struct cost_job *job = argument;
    for (size_t i = 0; i < job->count; i++) {
        struct cost_page *page = &job->pages[i];
        page->cost = page->flash_bytes - (uint32_t)smallest_bytes(state, page->bytes, page->length);
    }
}

static void collect_job(void *context, void *argument)
{
    struct xip_cost *cost = context;
    struct cost_job *job = argument;
    for (size_t i = 0; i < job->count; i++)
        cost->costs[job->pages[i].entry] += job->pages[i].cost;
    free(job);
}

int xip_cost_open(struct xip_cost *cost, const struct cramfs_image *image,
                  const struct cramfs_survey *survey, enum cramfs_kernel kernel, unsigned threads)
{
    struct pool_work work = {worker_create, worker_free, run_job, cost, collect_job};
    *cost = (struct xip_cost){
        .image = image,
        .kernel = kernel,
        .costs = calloc((size_t)survey->entries.list_count + 1, sizeof(*cost->costs)),
    };
    cost->pool = pool_create(threads, &work);
    return cost->costs && cost->pool ? 0 : -CRAMFS_ERR_MEMORY;
}

static void finish_jobs(struct xip_cost *cost)
{
    if (cost->job)
        pool_put(cost->pool, cost->job);
    cost->job = NULL;
    while (pool_collect(cost->pool))
        ;
}

void xip_cost_close(struct xip_cost *cost)
{
    if (cost->pool) {
        finish_jobs(cost);
        pool_free(cost->pool);
    }
    free(cost->costs);
    first_pages_free(&cost->owners);
}

static int add_to_job(struct xip_cost *cost, const struct cramfs_extent *extent, uint32_t entry)
{
    const unsigned char *bytes = cramfs_image_bytes(cost->image, extent->offset, extent->length);
    /*
     * A limit for hostile images, in which a page can begin at every multiple of 4 and overlap
     * others. In a sound image, all pages together have no more bytes than the image.
     */
    if (!bytes || cost->pool_bytes + extent->length > cost->image->reader.size)
        return 0;
    cost->pool_bytes += extent->length;
    if (!cost->job)
        cost->job = calloc(1, sizeof(*cost->job));
    if (!cost->job)
        return -CRAMFS_ERR_MEMORY;
    /*
     * A file that ends inside a page in place still takes the whole page. An unaligned page takes
     * only its bytes: the next block may follow them.
     */
    uint64_t flash_bytes =
        extent->kind == CRAMFS_EXTENT_IN_PLACE ? cost->image->page_size : extent->length;
    cost->job->pages[cost->job->count++] = (struct cost_page){
        .bytes = bytes,
        .length = (uint32_t)extent->length,
        .flash_bytes = (uint32_t)flash_bytes,
        .entry = entry,
    };
    if (cost->job->count == JOB_PAGES) {
        pool_put(cost->pool, cost->job);
        cost->job = NULL;
    }
    return 0;
}

static int add_page(struct xip_cost *cost, const struct cramfs_extent *extent,
                    struct cramfs_xip_file *file)
{
    uint32_t owner;
    bool added;
    int error = first_pages_add(&cost->owners, extent->offset, file->entry, &owner, &added);
    if (error || added)
        return error ? error : add_to_job(cost, extent, file->entry);
    /*
     * A page counts as shared only if the kernel can map it; with an MMU it must be aligned. A page
     * that only one file has, but twice, is not shared.
     */
    bool mappable = extent->kind == CRAMFS_EXTENT_IN_PLACE || cost->kernel == CRAMFS_KERNEL_NOMMU;
    if (mappable && owner != file->entry && file->shares_with == CRAMFS_NO_ENTRY)
        file->shares_with = owner;
    return 0;
}

int xip_cost_add(struct xip_cost *cost, const struct cramfs_table *table,
                 struct cramfs_xip_file *file)
{
    uint32_t blocks = cramfs_block_count(table->size, table->page_size);
    for (uint32_t i = 0; i < blocks; i++) {
        struct cramfs_block block;
        struct cramfs_extent extent;
        cramfs_block_locate(table, i, &block);
        if (!block.direct || !cramfs_block_extent(table, i, &block, &extent) ||
            (extent.kind != CRAMFS_EXTENT_IN_PLACE && extent.kind != CRAMFS_EXTENT_STORED))
            continue;
        int error = add_page(cost, &extent, file);
        if (error)
            return error;
    }
    return 0;
}

void xip_cost_finish(struct xip_cost *cost, struct cramfs_xip_report *report)
{
    finish_jobs(cost);
    for (size_t i = 0; i < report->files_count; i++) {
        struct cramfs_xip_file *file = &report->files[i];
        file->flash_cost_bytes = cost->costs[file->entry];
        report->flash_cost_bytes += file->flash_cost_bytes;
    }
}
