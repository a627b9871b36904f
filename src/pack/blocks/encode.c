#include "pack/blocks/encode.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/pass_on.h"
#include "base/zero.h"
#include "cramfs/block.h"
#include "cramfs/format.h"
#include "pack/blocks/contents.h"
#include "pack/blocks/cut_limits.h"
#include "pack/blocks/decide.h"
#include "pack/blocks/last_page.h"
#include "pack/blocks/read_ahead.h"
#include "pack/blocks/stale_profile.h"
#include "pack/blocks/stream.h"

struct encoding {
    struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    const struct older_pages *older; /* or NULL */
    struct cramfs_diags *diags;
    struct encoded_tree *out;
    struct page_stream *stream;
    struct hash_index contents_index;
    struct read_ahead *ahead;
    const unsigned char *bytes; /* of the current file */
    bool *in_place;             /* of its pages */
    struct deciding deciding;
    int error;           /* of a file that could not be read; the other files are still read */
    uint64_t done_bytes; /* of pages that are encoded */
    uint64_t all_bytes;  /* of the tree's files and links */
};

static int add_ref(struct encoded_tree *out, const struct batch_page *page)
{
    if (!ARRAY_GROW(out, refs) || !array_reserve(&out->placed, sizeof(*out->placed),
                                                 out->refs_count, &out->placed_capacity, 1))
        return -CRAMFS_ERR_MEMORY;
    out->placed[out->refs_count] = page->placed_ref;
    out->refs[out->refs_count++] = page->ref;
    return 0;
}

/* Not inside a batch: the work for all its pages is done. */
static void show_progress(struct encoding *encoding, const struct batch_page *page)
{
    const struct cramfs_plan_options *options = encoding->options;
    encoding->done_bytes += page->raw_length;
    if (options->progress && page->last_of_batch)
        options->progress(options->context, encoding->done_bytes, encoding->all_bytes);
}

static int take_page(void *context, const struct batch_page *page)
{
    struct encoding *encoding = context;
    struct encoded_tree *out = encoding->out;
    int error = add_ref(out, page);
    show_progress(encoding, page);
    if (error || !page->last_of_file)
        return error;
    const struct cramfs_node *node = encoding->tree->nodes[page->node];
    struct content content = {
        .size = (uint32_t)node->size,
        .refs_count = cramfs_block_count(node->size, encoding->options->page_size),
    };
    if (S_ISREG(node->mode)) {
        const struct decision *decision = &out->decisions[out->decision_of_node[page->node]];
        content.first_mapping = decision->first_mapping;
        content.mappings_count = decision->selection.mappings_count;
    }
    content.first_ref = out->refs_count - content.refs_count;
    return content_number(out, &encoding->contents_index, &content,
                          &out->content_of_node[page->node]);
}

static enum cramfs_xip wanted(const struct cramfs_plan_options *options,
                              const struct cramfs_node *node)
{
    if (options->legacy)
        return CRAMFS_XIP_NONE;
    return node->xip == CRAMFS_XIP_DEFAULT ? options->xip : (enum cramfs_xip)node->xip;
}

static int add_pages(struct encoding *encoding, const struct cramfs_node *node,
                     const unsigned char *bytes)
{
    uint32_t page_size = encoding->options->page_size;
    uint32_t blocks = cramfs_block_count(node->size, page_size);
    for (uint32_t i = 0; i < blocks; i++) {
        size_t at = (size_t)i * page_size;
        struct batch_page page = {
            .node = node->number,
            .raw_length = node->size - at < page_size ? (uint32_t)(node->size - at) : page_size,
            .in_place = encoding->in_place[i],
            .both = encoding->options->choose,
            .raw = S_ISREG(node->mode) && wanted(encoding->options, node) == CRAMFS_XIP_STORED,
            .last_of_file = i == blocks - 1,
        };
        if (encoding->older)
            encoding->older->find(encoding->older->context, node->number, i, bytes + at,
                                  page.raw_length, &page.older);
        int error = page_stream_add(encoding->stream, &page, bytes + at);
        if (error)
            return error;
    }
    return 0;
}

/*
 * Handles a file that could not be read. If its loss is allowed, leaves the node out of the tree;
 * otherwise sets the error. Passes on the diagnostics in `found` as warnings or errors.
 */
static void lose_file(struct encoding *encoding, struct cramfs_node *node, int error,
                      const struct cramfs_diags *found)
{
    enum cramfs_loss loss =
        error == -CRAMFS_ERR_CHANGED ? CRAMFS_LOSS_CHANGED : CRAMFS_LOSS_UNREADABLE;
    bool allowed = error != -CRAMFS_ERR_MEMORY && encoding->tree->allow & CRAMFS_LOSS_BIT(loss);
    if (diags_lost_error(found)) {
        encoding->error = -CRAMFS_ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < found->list_count; i++) {
        const struct cramfs_diag *diag = &found->list[i];
        cramfs_report(encoding->diags, allowed ? CRAMFS_ALLOWED : CRAMFS_ERROR, diag->code,
                      diag->path, "%s%s", diag->text ? diag->text : "out of memory",
                      allowed ? "; left out" : "");
    }
    if (allowed) {
        cramfs_tree_remove(node);
        encoding->out->files_lost = true;
    } else {
        encoding->error = error;
    }
}

/*
 * Handles a file whose source failed before the file's bytes were read. That has been reported if
 * the tree is planned only to report further errors.
 */
static int miss_source(struct encoding *encoding, const struct cramfs_node *node)
{
    encoding->error = -CRAMFS_ERR_IO;
    if (!encoding->diags || !encoding->diags->errors)
        cramfs_node_fail(encoding->diags, CRAMFS_ERR_IO, node,
                         "it has a size, but no source to read its bytes from");
    return 0;
}

/*
 * Takes the file that was read next. If reading failed, lose_file() handles the error, and *lost
 * is set. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
static int take_file(struct encoding *encoding, struct cramfs_node *node, bool *lost)
{
    struct read_file file;
    int error = read_ahead_next(encoding->ahead, node, &file);
    if (error)
        return error;
    encoding->bytes = file.bytes;
    *lost = file.error;
    if (file.error)
        lose_file(encoding, node, file.error, &file.found);
    cramfs_diags_free(&file.found);
    return 0;
}

/* Whether the last block that is not a hole, before the file's last block, may go in place. */
static bool follows_in_place(const struct encoding *encoding, uint32_t blocks)
{
    uint32_t page_size = encoding->options->page_size;
    for (uint32_t i = blocks - 1; i-- > 0;) {
        if (encoding->in_place[i])
            return true;
        if (!all_zero(encoding->bytes + (size_t)i * page_size, page_size))
            return false;
    }
    return false;
}

/* A last page that only a plain pointer can reach cannot follow pages in place. */
static int check_last_page(struct encoding *encoding, const struct cramfs_node *node,
                           struct cramfs_selection *selection)
{
    const struct cramfs_plan_options *options = encoding->options;
    uint32_t blocks = cramfs_block_count(node->size, options->page_size);
    if (!selection->pages || node->size % options->page_size || !follows_in_place(encoding, blocks))
        return 0;
    bool needs_plain;
    const unsigned char *last = encoding->bytes + (size_t)(blocks - 1) * options->page_size;
    int error = last_page_needs_plain(options, last, options->page_size, &needs_plain);
    if (error || !needs_plain)
        return error;
    memset(encoding->in_place, 0, blocks * sizeof(*encoding->in_place));
    cramfs_selection_free(selection);
    selection->pages = 0;
    selection->reason = CRAMFS_SELECTION_LAST_PAGE;
    cramfs_node_report(
        encoding->diags, CRAMFS_WARNING, CRAMFS_ERR_LIMIT, node,
        "no page of it is in place: a file of whole pages needs a last page that "
        "compresses to at most 65535 bytes, the limit of a direct pointer; append a byte "
        "to it, or use a smaller page size");
    return 0;
}

static int add_file(struct encoding *encoding, struct cramfs_node *node)
{
    const struct cramfs_plan_options *options = encoding->options;
    if (!node->source)
        return miss_source(encoding, node);
    bool lost;
    int error = take_file(encoding, node, &lost);
    if (error || lost)
        return error;
    int stale = check_profile(options, node, encoding->bytes, encoding->diags);
    if (stale == -CRAMFS_ERR_MEMORY)
        return stale;
    encoding->error = stale ? stale : encoding->error; /* the other files are still read */
    struct cramfs_selection selection;
    error = cramfs_select(encoding->bytes, (size_t)node->size, options->page_size, options->kernel,
                          wanted(options, node), encoding->in_place, &selection);
    if (!error)
        error = check_last_page(encoding, node, &selection);
    if (!error)
        error = decide(&encoding->deciding, node->number, &selection);
    if (!error)
        error = find_cut_limits(
            options, node, encoding->bytes,
            &encoding->out->decisions[encoding->out->decision_of_node[node->number]]);
    return error ? error : add_pages(encoding, node, encoding->bytes);
}

static int add_link(struct encoding *encoding, const struct cramfs_node *node)
{
    encoding->in_place[0] = false;
    return add_pages(encoding, node, (const unsigned char *)node->target);
}

static int add_node(struct encoding *encoding, struct cramfs_node *node)
{
    encoding->out->content_of_node[node->number] = NO_CONTENT;
    /*
     * A file that no image can hold is reported elsewhere. The other files are read nevertheless,
     * so that all errors are reported at once.
     */
    if (S_ISREG(node->mode) && node->size && node->size <= CRAMFS_MAX_FILE_SIZE)
        return add_file(encoding, node);
    if (S_ISLNK(node->mode) && node->target && node->size &&
        node->size < encoding->options->page_size)
        return add_link(encoding, node);
    return 0;
}

static int add_nodes(struct encoding *encoding)
{
    for (uint32_t i = 0; i < encoding->tree->nodes_count; i++) {
        int error = add_node(encoding, encoding->tree->nodes[i]);
        if (error)
            return error;
    }
    int error = page_stream_finish(encoding->stream);
    return error ? error : encoding->error;
}

static int prepare(struct encoding *encoding)
{
    const struct cramfs_plan_options *options = encoding->options;
    uint32_t most_pages = cramfs_block_count(CRAMFS_MAX_FILE_SIZE, options->page_size);
    encoding->in_place = calloc(most_pages, sizeof(*encoding->in_place));
    encoding->out->content_of_node =
        malloc(encoding->tree->nodes_count * sizeof(*encoding->out->content_of_node));
    encoding->ahead = read_ahead_create(encoding->tree, options->jobs);
    encoding->stream = page_stream_create(options, &encoding->out->store, take_page, encoding);
    encoding->out->decision_of_node =
        malloc(encoding->tree->nodes_count * sizeof(*encoding->out->decision_of_node));
    if (!encoding->in_place || !encoding->out->content_of_node ||
        !encoding->out->decision_of_node || !encoding->ahead || !encoding->stream)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < encoding->tree->nodes_count; i++) {
        const struct cramfs_node *node = encoding->tree->nodes[i];
        encoding->all_bytes += S_ISREG(node->mode) || S_ISLNK(node->mode) ? node->size : 0;
    }
    return 0;
}

static void clean_up(struct encoding *encoding)
{
    page_stream_free(encoding->stream);
    read_ahead_free(encoding->ahead);
    hash_index_free(&encoding->contents_index);
    hash_index_free(&encoding->deciding.little);
    free(encoding->in_place);
}

int encode_tree(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                const struct older_pages *older, struct encoded_tree *encoded,
                struct cramfs_diags *diags)
{
    struct encoding encoding = {.tree = tree,
                                .options = options,
                                .older = older,
                                .diags = diags,
                                .out = encoded,
                                .deciding = {.out = encoded}};
    int error = prepare(&encoding);
    if (!error)
        error = add_nodes(&encoding);
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    clean_up(&encoding);
    return error;
}
