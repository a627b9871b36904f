#include "pack/budget/cuts/cut_forms.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/block.h"
#include "pack/blocks/stream.h"
#include "xip/split/split.h"

/* Makes forms, one after the other. */
struct making {
    struct cut_forms *forms;
    struct page_stream *stream; /* created for the first changed page */
    size_t taken;               /* how many changed pages have their refs */
    bool *in_place;             /* by page of the current file */
};

static uint64_t form_hash(const struct content_cuts *cuts)
{
    return hash_bytes(cuts->pages, cuts->count * sizeof(*cuts->pages), cuts->content);
}

struct wanted_form {
    const struct cut_forms *forms;
    const struct content_cuts *cuts;
};

static bool is_form(void *context, uint32_t number)
{
    const struct wanted_form *wanted = context;
    const struct cut_form *form = &wanted->forms->list[number];
    const struct content_cuts *cuts = wanted->cuts;
    return form->content == cuts->content && form->cuts_count == cuts->count &&
           !memcmp(form->cuts, cuts->pages, cuts->count * sizeof(*cuts->pages));
}

const struct cut_form *cut_forms_find(const struct cut_forms *forms,
                                      const struct content_cuts *cuts)
{
    struct wanted_form wanted = {forms, cuts};
    uint32_t number;
    bool found = hash_index_find(&forms->index, form_hash(cuts), is_form, &wanted, &number);
    return found ? &forms->list[number] : NULL;
}

static int take_page(void *context, const struct batch_page *page)
{
    struct making *making = context;
    struct changed_page *changed = &making->forms->changed[making->taken++];
    changed->ref = page->ref;
    changed->placed = page->placed_ref;
    return 0;
}

static void forget_bytes(struct cut_forms *forms)
{
    for (size_t i = 0; forms->bytes && i < forms->contents_count; i++) {
        free(forms->bytes[i]);
        forms->bytes[i] = NULL;
    }
    forms->bytes_kept = 0;
}

/* Reads the file of a content again, unless it is kept; it must not have changed. */
static int read_again(struct cut_forms *forms, uint32_t content)
{
    uint32_t node = forms->first_node[content];
    struct cramfs_node *read = forms->tree->nodes[node];
    unsigned char **bytes = &forms->bytes[content];
    if (*bytes)
        return 0;
    if (forms->bytes_kept + read->size > CRAMFS_MAX_FILE_SIZE)
        forget_bytes(forms);
    *bytes = malloc((size_t)read->size + 1);
    if (!*bytes)
        return -CRAMFS_ERR_MEMORY;
    forms->bytes_kept += read->size;
    int error = read->source->read(read->source, read, *bytes, forms->diags);
    if (error)
        return error;
    const struct encoded_tree *encoded = forms->encoded;
    uint64_t hash = encoded->decisions[encoded->decision_of_node[node]].bytes_hash;
    if (hash_bytes(*bytes, (size_t)read->size, 0) != hash)
        return cramfs_node_fail(forms->diags, CRAMFS_ERR_CHANGED, read,
                                "it changed while the image was planned");
    return 0;
}

/* Adds the mappings of the cut file, and finds which of its pages may be in place. */
static int add_mappings(struct making *making, const void *bytes, uint32_t node,
                        struct cut_form *form)
{
    const struct cramfs_plan_options *options = making->forms->options;
    struct encoded_tree *encoded = making->forms->encoded;
    enum cramfs_xip xip = selection_of(encoded, node)->xip;
    struct cramfs_selection selection;
    int error = cramfs_select(bytes, form->size, options->page_size, options->kernel, xip,
                              making->in_place, &selection);
    if (error)
        return error;
    form->mappings_count = selection.mappings_count;
    form->pages = selection.pages;
    error = encoded_add_mappings(encoded, &selection, &form->first_mapping);
    cramfs_selection_free(&selection);
    return error;
}

static int add_changed(struct making *making, const unsigned char *bytes, uint32_t page,
                       struct cut_form *form)
{
    struct cut_forms *forms = making->forms;
    uint32_t page_size = forms->options->page_size;
    uint64_t at = (uint64_t)page * page_size;
    struct batch_page added = {
        .raw_length = form->size - at < page_size ? (uint32_t)(form->size - at) : page_size,
        .in_place = making->in_place[page],
        .both = true,
    };
    if (!making->stream)
        making->stream =
            page_stream_create(forms->options, &forms->encoded->store, take_page, making);
    if (!making->stream || !ARRAY_GROW(forms, changed))
        return -CRAMFS_ERR_MEMORY;
    forms->changed[forms->changed_count++] = (struct changed_page){.page = page};
    form->changed_count++;
    return page_stream_add(making->stream, &added, bytes + at);
}

static bool overlaps(const struct split_patch *patch, uint64_t begin, uint64_t end)
{
    return patch->offset < end && begin < patch->offset + patch->length;
}

/* Adds the pages that differ from those of the content: patched ones, and those after its end. */
static int add_changed_pages(struct making *making, const unsigned char *bytes, uint64_t old_size,
                             const struct split_file *file, struct cut_form *form)
{
    uint32_t page_size = making->forms->options->page_size;
    uint32_t old_count = making->forms->encoded->contents[form->content].refs_count;
    uint32_t count = cramfs_block_count(form->size, page_size);
    int error = 0;
    form->first_changed = making->forms->changed_count;
    for (uint32_t i = 0; !error && i < count; i++) {
        uint64_t begin = (uint64_t)i * page_size;
        bool longer = form->size != old_size && i + 1 >= old_count;
        if (longer || overlaps(&file->header, begin, begin + page_size) ||
            overlaps(&file->table, begin, begin + page_size))
            error = add_changed(making, bytes, i, form);
    }
    return error;
}

static int encode_form(struct making *making, const struct split_file *file, uint32_t node,
                       struct cut_form *form)
{
    struct cut_forms *forms = making->forms;
    uint64_t old_size = forms->tree->nodes[node]->size;
    if (!array_reserve(&forms->cut, 1, 0, &forms->cut_room, (size_t)file->size))
        return -CRAMFS_ERR_MEMORY;
    form->size = (uint32_t)file->size;
    form->added = file->added;
    split_apply(file, forms->bytes[form->content], (size_t)old_size, forms->cut);
    int error = add_mappings(making, forms->cut, node, form);
    return error ? error : add_changed_pages(making, forms->cut, old_size, file, form);
}

static int list_form(struct cut_forms *forms, const struct content_cuts *cuts,
                     const struct cut_form *form)
{
    uint32_t *pages = malloc((cuts->count + 1) * sizeof(*pages));
    if (!pages || !ARRAY_GROW(forms, list)) {
        free(pages);
        return -CRAMFS_ERR_MEMORY;
    }
    memcpy(pages, cuts->pages, cuts->count * sizeof(*pages));
    uint32_t number = (uint32_t)forms->list_count++;
    forms->list[number] = *form;
    forms->list[number].cuts = pages;
    forms->list[number].cuts_count = cuts->count;
    return hash_index_add(&forms->index, form_hash(cuts), number);
}

static int make_form(struct making *making, const struct content_cuts *cuts)
{
    struct cut_forms *forms = making->forms;
    struct cut_form form = {.content = cuts->content};
    struct split_file file;
    uint32_t node = forms->first_node[cuts->content];
    int error = read_again(forms, cuts->content);
    if (!error)
        error = split_cut(forms->bytes[cuts->content], (size_t)forms->tree->nodes[node]->size,
                          forms->options->page_size, cuts->pages, cuts->count, &file);
    if (!error) {
        error = encode_form(making, &file, node, &form);
        split_free(&file);
    }
    return error ? error : list_form(forms, cuts, &form);
}

int cut_forms_make(struct cut_forms *forms, const struct cuts *cuts)
{
    uint32_t most_pages = cramfs_block_count(CRAMFS_MAX_FILE_SIZE, forms->options->page_size);
    struct making making = {
        .forms = forms,
        .taken = forms->changed_count,
        .in_place = array_create((uint64_t)most_pages + 1, sizeof(*making.in_place)),
    };
    int error = making.in_place ? 0 : -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; !error && i < cuts->list_count; i++) {
        if (!cut_forms_find(forms, &cuts->list[i]))
            error = make_form(&making, &cuts->list[i]);
    }
    if (!error && making.stream)
        error = page_stream_finish(making.stream);
    page_stream_free(making.stream);
    free(making.in_place);
    return error;
}

int cut_forms_begin(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                    struct encoded_tree *encoded, struct cramfs_diags *diags,
                    struct cut_forms *forms)
{
    *forms = (struct cut_forms){
        .tree = tree,
        .options = options,
        .encoded = encoded,
        .diags = diags,
        .contents_count = encoded->contents_count,
        .first_node = array_create((uint64_t)encoded->contents_count + 1, sizeof(uint32_t)),
        .bytes = array_create((uint64_t)encoded->contents_count + 1, sizeof(*forms->bytes)),
    };
    if (!forms->first_node || !forms->bytes)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < encoded->contents_count; i++)
        forms->first_node[i] = NO_CONTENT;
    for (uint32_t i = tree->nodes_count; i-- > 0;) {
        if (encoded->content_of_node[i] != NO_CONTENT && S_ISREG(tree->nodes[i]->mode))
            forms->first_node[encoded->content_of_node[i]] = i;
    }
    return 0;
}

void cut_forms_end(struct cut_forms *forms)
{
    for (size_t i = 0; i < forms->list_count; i++)
        free(forms->list[i].cuts);
    free(forms->list);
    free(forms->changed);
    free(forms->first_node);
    forget_bytes(forms);
    free(forms->bytes);
    free(forms->cut);
    hash_index_free(&forms->index);
}
