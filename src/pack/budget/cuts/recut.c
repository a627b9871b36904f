#include "pack/budget/cuts/recut.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/block.h"

/* Adds refs for a content at the end of the list: the old ones, except for the changed pages. */
static int take_refs(const struct cut_forms *forms, const struct cut_form *form,
                     struct content *content)
{
    struct encoded_tree *encoded = forms->encoded;
    size_t first = encoded->refs_count;
    uint32_t count = cramfs_block_count(form->size, forms->options->page_size);
    if (!array_reserve(&encoded->refs, sizeof(*encoded->refs), first, &encoded->refs_capacity,
                       count) ||
        !array_reserve(&encoded->placed, sizeof(*encoded->placed), first, &encoded->placed_capacity,
                       count))
        return -CRAMFS_ERR_MEMORY;
    encoded->refs_count += count;
    memcpy(encoded->refs + first, encoded->refs + content->first_ref,
           content->refs_count * sizeof(*encoded->refs));
    memcpy(encoded->placed + first, encoded->placed + content->first_ref,
           content->refs_count * sizeof(*encoded->placed));
    for (size_t i = 0; i < form->changed_count; i++) {
        const struct changed_page *changed = &forms->changed[form->first_changed + i];
        encoded->refs[first + changed->page] = changed->ref;
        encoded->placed[first + changed->page] = changed->placed;
    }
    content->first_ref = first;
    content->refs_count = count;
    content->size = form->size;
    return 0;
}

static int cut_content(const struct cut_forms *forms, const struct cut_form *form)
{
    struct encoded_tree *encoded = forms->encoded;
    struct content *content = &encoded->contents[form->content];
    struct cramfs_selection *selection = selection_of(encoded, forms->first_node[form->content]);
    int error = take_refs(forms, form, content);
    if (error)
        return error;
    content->first_mapping = form->first_mapping;
    content->mappings_count = form->mappings_count;
    selection->mappings_added = form->added;
    selection->pages = form->pages;
    return 0;
}

/* Gives all names of cut contents the new size, and the decision of the first name. */
static void update_all_names(const struct cut_forms *forms)
{
    const struct encoded_tree *encoded = forms->encoded;
    for (uint32_t i = 0; i < forms->tree->nodes_count; i++) {
        uint32_t content = encoded->content_of_node[i];
        struct cramfs_node *node = forms->tree->nodes[i];
        if (content == NO_CONTENT || !S_ISREG(node->mode))
            continue;
        node->size = encoded->contents[content].size;
        const struct cramfs_selection *first = selection_of(encoded, forms->first_node[content]);
        if (forms->first_node[content] == i || !first->mappings_added)
            continue;
        struct cramfs_selection *selection = selection_of(encoded, i);
        selection->mappings_added = first->mappings_added;
        selection->pages = first->pages;
    }
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

int recut(struct cut_forms *forms, const struct cuts *cuts)
{
    int error = cut_forms_make(forms, cuts);
    for (size_t i = 0; !error && i < cuts->list_count; i++)
        error = cut_content(forms, cut_forms_find(forms, &cuts->list[i]));
    if (!error)
        error = drop_old_refs(forms->encoded);
    if (!error)
        update_all_names(forms);
    return error;
}
