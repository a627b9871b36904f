/*
 * Charges every byte once. The sweep goes over the extents in order of offset. A heap holds the
 * extents that cover the current place, with the first owner on top. Each extent enters and leaves
 * the heap once, so even extents that all overlap take no more than n log n steps.
 */
#include "cramfs/usage.h"

#include <stdlib.h>

#include "base/array.h"
#include "report/usage/sharing.h"

struct sweep {
    const struct cramfs_extents *extents;
    const bool *shared; /* by extent */
    struct cramfs_usage *usage;
    uint64_t *covered; /* by extent: what was charged for it */
    size_t *heap;      /* of extents */
    size_t heap_count;
    uint64_t *ends; /* of all extents, sorted: how many have ended is a count of these */
    size_t ended;
    size_t begun;
};

static bool before(const struct sweep *sweep, size_t a, size_t b)
{
    uint32_t first = sweep->extents->list[a].owner;
    uint32_t second = sweep->extents->list[b].owner;
    return first != second ? first < second : a < b;
}

static void push(struct sweep *sweep, size_t extent)
{
    size_t at = sweep->heap_count++;
    while (at && before(sweep, extent, sweep->heap[(at - 1) / 2])) {
        sweep->heap[at] = sweep->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    sweep->heap[at] = extent;
}

static void pop(struct sweep *sweep)
{
    size_t last = sweep->heap[--sweep->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= sweep->heap_count)
            break;
        if (child + 1 < sweep->heap_count &&
            before(sweep, sweep->heap[child + 1], sweep->heap[child]))
            child++;
        if (!before(sweep, sweep->heap[child], last))
            break;
        sweep->heap[at] = sweep->heap[child];
        at = child;
    }
    sweep->heap[at] = last;
}

static enum cramfs_usage_kind usage_kind(enum cramfs_extent_kind kind)
{
    static const enum cramfs_usage_kind kinds[] = {
        [CRAMFS_EXTENT_BOOT] = CRAMFS_USAGE_BOOT,
        [CRAMFS_EXTENT_SUPER] = CRAMFS_USAGE_METADATA,
        [CRAMFS_EXTENT_DIRECTORY] = CRAMFS_USAGE_METADATA,
        [CRAMFS_EXTENT_TABLE] = CRAMFS_USAGE_TABLES,
        [CRAMFS_EXTENT_DEFLATED] = CRAMFS_USAGE_DEFLATED,
        [CRAMFS_EXTENT_STORED] = CRAMFS_USAGE_STORED,
        [CRAMFS_EXTENT_IN_PLACE] = CRAMFS_USAGE_IN_PLACE,
        [CRAMFS_EXTENT_FAULTY] = CRAMFS_USAGE_FAULTY,
        [CRAMFS_EXTENT_HOLE] = CRAMFS_USAGE_TABLES,
    };
    return kinds[kind];
}

static int add_piece(struct sweep *sweep, const struct cramfs_piece *piece)
{
    struct cramfs_usage *usage = sweep->usage;
    struct cramfs_piece *last =
        usage->pieces_count ? &usage->pieces[usage->pieces_count - 1] : NULL;
    usage->charged[piece->owner] += piece->length;
    if (last && last->kind == piece->kind && last->shared == piece->shared &&
        last->owner == piece->owner) {
        last->length += piece->length;
        return 0;
    }
    if (!ARRAY_GROW(usage, pieces))
        return -CRAMFS_ERR_MEMORY;
    usage->pieces[usage->pieces_count++] = *piece;
    return 0;
}

/*
 * One set of extents covers the bytes up to `end`: they are charged to the first owner of these
 * extents.
 */
static int charge(struct sweep *sweep, uint64_t begin, uint64_t end)
{
    struct cramfs_piece piece = {
        .offset = begin,
        .length = end - begin,
        .kind = CRAMFS_USAGE_PADDING,
    };
    if (sweep->heap_count) {
        size_t number = sweep->heap[0];
        const struct cramfs_extent *extent = &sweep->extents->list[number];
        piece.owner = extent->owner;
        piece.kind = usage_kind(extent->kind);
        piece.shared = sweep->shared[number] || sweep->begun - sweep->ended > 1;
        sweep->covered[number] += piece.length;
    }
    return add_piece(sweep, &piece);
}

/* One step: to the next place where an extent begins or ends. */
static int sweep_to_end(struct sweep *sweep, uint64_t size)
{
    const struct cramfs_extents *extents = sweep->extents;
    uint64_t at = 0;
    while (at < size) {
        while (sweep->begun < extents->list_count && extents->list[sweep->begun].offset <= at)
            push(sweep, sweep->begun++);
        while (sweep->ended < extents->list_count && sweep->ends[sweep->ended] <= at)
            sweep->ended++;
        while (sweep->heap_count) {
            const struct cramfs_extent *top = &extents->list[sweep->heap[0]];
            if (top->offset + top->length > at)
                break;
            pop(sweep);
        }
        uint64_t next = size;
        if (sweep->begun < extents->list_count && extents->list[sweep->begun].offset < next)
            next = extents->list[sweep->begun].offset;
        if (sweep->ended < extents->list_count && sweep->ends[sweep->ended] < next)
            next = sweep->ends[sweep->ended];
        int error = charge(sweep, at, next);
        if (error)
            return error;
        at = next;
    }
    return 0;
}

static int compare_ends(const void *first, const void *second)
{
    const uint64_t *a = first;
    const uint64_t *b = second;
    return *a < *b ? -1 : *a > *b;
}

/* An owner borrows the bytes of its own extent that are charged to another owner. */
static void lend(struct sweep *sweep, const struct cramfs_extent *extent, uint64_t bytes)
{
    struct cramfs_usage *usage = sweep->usage;
    usage->borrowed[extent->owner] += bytes;
    if (bytes && extent->blocks) {
        usage->savings.shared_blocks++;
        usage->savings.shared_bytes += bytes;
    }
}

static int run_sweep(struct sweep *sweep, const struct cramfs_view *view)
{
    const struct cramfs_extents *extents = sweep->extents;
    for (size_t i = 0; i < extents->list_count; i++)
        sweep->ends[i] = extents->list[i].offset + extents->list[i].length;
    qsort(sweep->ends, extents->list_count, sizeof(*sweep->ends), compare_ends);
    int error = sweep_to_end(sweep, view->image->reader.size);
    for (size_t i = 0; !error && i < extents->list_count; i++)
        lend(sweep, &extents->list[i], extents->list[i].length - sweep->covered[i]);
    return error;
}

int cramfs_usage(const struct cramfs_view *view, struct cramfs_usage *usage)
{
    const struct cramfs_extents *extents = &view->survey->extents;
    size_t count = extents->list_count + 1; /* never none */
    uint32_t entries = view->survey->entries.list_count;
    *usage = (struct cramfs_usage){
        .charged = calloc(entries, sizeof(*usage->charged)),
        .borrowed = calloc(entries, sizeof(*usage->borrowed)),
    };
    bool *shared = calloc(count, sizeof(*shared));
    struct sweep sweep = {
        .extents = extents,
        .shared = shared,
        .usage = usage,
        .covered = calloc(count, sizeof(*sweep.covered)),
        .heap = calloc(count, sizeof(*sweep.heap)),
        .ends = calloc(count, sizeof(*sweep.ends)),
    };
    int error = -CRAMFS_ERR_MEMORY;
    if (usage->charged && usage->borrowed && shared && sweep.covered && sweep.heap && sweep.ends)
        error = sharing_find(view, shared, usage->borrowed, &usage->savings);
    if (!error)
        error = run_sweep(&sweep, view);
    free(shared);
    free(sweep.covered);
    free(sweep.heap);
    free(sweep.ends);
    return error;
}

void cramfs_usage_free(struct cramfs_usage *usage)
{
    if (!usage)
        return;
    free(usage->pieces);
    free(usage->charged);
    free(usage->borrowed);
    *usage = (struct cramfs_usage){0};
}

const char *cramfs_usage_kind_name(enum cramfs_usage_kind kind)
{
    static const char *const names[] = {
        [CRAMFS_USAGE_METADATA] = "metadata", [CRAMFS_USAGE_TABLES] = "tables",
        [CRAMFS_USAGE_DEFLATED] = "deflated", [CRAMFS_USAGE_STORED] = "stored",
        [CRAMFS_USAGE_IN_PLACE] = "in-place", [CRAMFS_USAGE_FAULTY] = "faulty",
        [CRAMFS_USAGE_BOOT] = "boot",         [CRAMFS_USAGE_PADDING] = "padding",
    };
    return names[kind];
}
