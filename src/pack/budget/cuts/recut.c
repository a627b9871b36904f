#include "pack/budget/cuts/recut.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/block.h"
#include "pack/blocks/stream.h"
#include "xip/split/split.h"

struct recutting {
    struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    struct cramfs_diags *diags;
    struct page_stream *stream;
    size_t *pending; /* refs whose pages are in the stream, in that order */
    size_t pending_count;
    size_t pending_capacity;
    size_t taken;         /* how many of these refs have their encoded page */
    uint32_t *first_node; /* by content; NO_CONTENT for none */
    /* The current file: */
    unsigned char *bytes;
    bool *in_place;
};

static int take_page(void *context, const struct batch_page *page)
{
    struct recutting *recutting = context;
    size_t ref = recutting->pending[recutting->taken++];
    recutting->encoded->refs[ref] = page->ref;
    recutting->encoded->placed[ref] = page->placed_ref;
    return 0;
}

/* Reads the file of a content again; it must not have changed. */
static int read_again(struct recutting *recutting, uint32_t node)
{
    struct cramfs_node *read = recutting->tree->nodes[node];
    const struct encoded_tree *encoded = recutting->encoded;
    recutting->bytes = malloc((size_t)read->size + 1);
    if (!recutting->bytes)
        return -CRAMFS_ERR_MEMORY;
    int error = read->source->read(read->source, read, recutting->bytes, recutting->diags);
    if (error)
        return error;
    uint64_t hash = encoded->decisions[encoded->decision_of_node[node]].bytes_hash;
    if (hash_bytes(recutting->bytes, (size_t)read->size, 0) != hash)
        return cramfs_node_fail(recutting->diags, CRAMFS_ERR_CHANGED, read,
                                "it changed while the image was planned");
    return 0;
}

/* Sets the mappings of the cut file, and which of its pages may be in place. */
static int take_mappings(struct recutting *recutting, const void *bytes, uint64_t size,
                         enum cramfs_xip xip, struct content *content, uint32_t *pages)
{
    const struct cramfs_plan_options *options = recutting->options;
    struct encoded_tree *encoded = recutting->encoded;
    struct cramfs_selection selection;
    int error = cramfs_select(bytes, (size_t)size, options->page_size, options->kernel, xip,
                              recutting->in_place, &selection);
    if (error)
        return error;
    content->first_mapping = encoded->mappings_count;
    content->mappings_count = selection.mappings_count;
    *pages = selection.pages;
    if (array_reserve(&encoded->mappings, sizeof(*encoded->mappings), encoded->mappings_count,
                      &encoded->mappings_capacity, selection.mappings_count + 1)) {
        memcpy(&encoded->mappings[encoded->mappings_count], selection.mappings,
               selection.mappings_count * sizeof(*selection.mappings));
        encoded->mappings_count += selection.mappings_count;
    } else {
        error = -CRAMFS_ERR_MEMORY;
    }
    cramfs_selection_free(&selection);
    return error;
}

static bool overlaps(const struct split_patch *patch, uint64_t begin, uint64_t end)
{
    return patch->offset < end && begin < patch->offset + patch->length;
}

static int add_changed(struct recutting *recutting, const unsigned char *bytes, uint64_t size,
                       uint32_t page, size_t ref)
{
    uint32_t page_size = recutting->options->page_size;
    uint64_t at = (uint64_t)page * page_size;
    struct batch_page added = {
        .raw_length = size - at < page_size ? (uint32_t)(size - at) : page_size,
        .in_place = recutting->in_place[page],
        .both = true,
    };
    if (!ARRAY_GROW(recutting, pending))
        return -CRAMFS_ERR_MEMORY;
    recutting->pending[recutting->pending_count++] = ref;
    return page_stream_add(recutting->stream, &added, bytes + at);
}

/* Adds refs for a content at the end of the list: the old ones, except for the changed pages. */
static int take_refs(struct recutting *recutting, const unsigned char *bytes, uint64_t old_size,
                     const struct split_file *file, struct content *content)
{
    struct encoded_tree *encoded = recutting->encoded;
    uint32_t page_size = recutting->options->page_size;
    size_t first = encoded->refs_count;
    uint32_t old_count = content->refs_count;
    uint32_t count = cramfs_block_count(file->size, page_size);
    if (!array_reserve(&encoded->refs, sizeof(*encoded->refs), first, &encoded->refs_capacity,
                       count) ||
        !array_reserve(&encoded->placed, sizeof(*encoded->placed), first, &encoded->placed_capacity,
                       count))
        return -CRAMFS_ERR_MEMORY;
    encoded->refs_count += count;
    int error = 0;
    for (uint32_t i = 0; !error && i < count; i++) {
        uint64_t begin = (uint64_t)i * page_size;
        bool longer = file->size != old_size && i + 1 >= old_count;
        bool changed = longer || overlaps(&file->header, begin, begin + page_size) ||
                       overlaps(&file->table, begin, begin + page_size);
        encoded->refs[first + i] = i < old_count ? encoded->refs[content->first_ref + i] : REF_HOLE;
        encoded->placed[first + i] =
            i < old_count ? encoded->placed[content->first_ref + i] : NO_BLOCK;
        if (changed)
            error = add_changed(recutting, bytes, file->size, i, first + i);
    }
    content->first_ref = first;
    content->refs_count = count;
    content->size = (uint32_t)file->size;
    return error;
}

static int cut_file(struct recutting *recutting, const struct content_cuts *cuts, uint32_t node)
{
    const struct encoded_tree *encoded = recutting->encoded;
    struct decision *decision = &encoded->decisions[encoded->decision_of_node[node]];
    uint64_t size = recutting->tree->nodes[node]->size;
    struct content content = encoded->contents[cuts->content];
    struct split_file file;
    uint32_t pages = 0;
    int error = split_cut(recutting->bytes, (size_t)size, recutting->options->page_size,
                          cuts->pages, cuts->count, &file);
    if (error)
        return error;
    unsigned char *bytes = malloc((size_t)file.size);
    if (!bytes)
        error = -CRAMFS_ERR_MEMORY;
    if (!error) {
        split_apply(&file, recutting->bytes, (size_t)size, bytes);
        error =
            take_mappings(recutting, bytes, file.size, decision->selection.xip, &content, &pages);
    }
    if (!error)
        error = take_refs(recutting, bytes, size, &file, &content);
    if (!error) {
        encoded->contents[cuts->content] = content;
        decision->selection.mappings_added = file.added;
        decision->selection.pages = pages;
    }
    free(bytes);
    split_free(&file);
    return error;
}

static int cut_content(struct recutting *recutting, const struct content_cuts *cuts)
{
    uint32_t node = recutting->first_node[cuts->content];
    int error = read_again(recutting, node);
    if (!error)
        error = cut_file(recutting, cuts, node);
    free(recutting->bytes);
    recutting->bytes = NULL;
    return error;
}

static void update_all_names(const struct recutting *recutting)
{
    const struct encoded_tree *encoded = recutting->encoded;
    for (uint32_t i = 0; i < recutting->tree->nodes_count; i++) {
        uint32_t content = encoded->content_of_node[i];
        struct cramfs_node *node = recutting->tree->nodes[i];
        if (content == NO_CONTENT || !S_ISREG(node->mode) ||
            node->size == encoded->contents[content].size)
            continue;
        node->size = encoded->contents[content].size;
    }
    for (uint32_t i = 0; i < recutting->tree->nodes_count; i++) {
        uint32_t content = encoded->content_of_node[i];
        if (content == NO_CONTENT || !S_ISREG(recutting->tree->nodes[i]->mode) ||
            recutting->first_node[content] == i)
            continue;
        const struct cramfs_selection *first =
            selection_of(encoded, recutting->first_node[content]);
        struct cramfs_selection *selection = selection_of(encoded, i);
        if (!first->mappings_added)
            continue;
        selection->mappings_added = first->mappings_added;
        selection->pages = first->pages;
    }
}

static int prepare(struct recutting *recutting)
{
    const struct encoded_tree *encoded = recutting->encoded;
    uint32_t most_pages = cramfs_block_count(CRAMFS_MAX_FILE_SIZE, recutting->options->page_size);
    recutting->in_place = calloc(most_pages + 1, sizeof(*recutting->in_place));
    recutting->first_node = malloc((encoded->contents_count + 1) * sizeof(uint32_t));
    recutting->stream =
        page_stream_create(recutting->options, &recutting->encoded->store, take_page, recutting);
    if (!recutting->in_place || !recutting->first_node || !recutting->stream)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < encoded->contents_count; i++)
        recutting->first_node[i] = NO_CONTENT;
    for (uint32_t i = 0; i < recutting->tree->nodes_count; i++) {
        uint32_t content = encoded->content_of_node[i];
        if (content != NO_CONTENT && recutting->first_node[content] == NO_CONTENT)
            recutting->first_node[content] = i;
    }
    return 0;
}

/* The old refs of cut contents are not used any more: keeps only the refs that are used. */
static int drop_old_refs(struct encoded_tree *encoded)
{
    size_t count = 0;
    for (size_t i = 0; i < encoded->contents_count; i++)
        count += encoded->contents[i].refs_count;
    uint32_t *refs = array_create((uint64_t)count + 1, sizeof(*refs));
    uint32_t *placed = array_create((uint64_t)count + 1, sizeof(*placed));
    if (!refs || !placed) {
        free(refs);
        free(placed);
        return -CRAMFS_ERR_MEMORY;
    }
    size_t at = 0;
    for (size_t i = 0; i < encoded->contents_count; i++) {
        struct content *content = &encoded->contents[i];
        memcpy(refs + at, encoded->refs + content->first_ref, content->refs_count * sizeof(*refs));
        memcpy(placed + at, encoded->placed + content->first_ref,
               content->refs_count * sizeof(*placed));
        content->first_ref = at;
        at += content->refs_count;
    }
    free(encoded->refs);
    free(encoded->placed);
    encoded->refs = refs;
    encoded->placed = placed;
    encoded->refs_count = count;
    encoded->refs_capacity = encoded->placed_capacity = count + 1;
    return 0;
}

int recut(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
          struct encoded_tree *encoded, const struct cuts *cuts, struct cramfs_diags *diags)
{
    struct recutting recutting = {
        .tree = tree, .options = options, .encoded = encoded, .diags = diags};
    int error = prepare(&recutting);
    for (size_t i = 0; !error && i < cuts->list_count; i++)
        error = cut_content(&recutting, &cuts->list[i]);
    if (!error)
        error = page_stream_finish(recutting.stream);
    if (!error)
        error = drop_old_refs(encoded);
    if (!error)
        update_all_names(&recutting);
    page_stream_free(recutting.stream);
    free(recutting.pending);
    free(recutting.first_node);
    free(recutting.in_place);
    return error;
}
