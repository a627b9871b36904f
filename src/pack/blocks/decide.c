#include "pack/blocks/decide.h"

#include <string.h>

#include "base/array.h"

/* The selection's own list is freed. */
static int add_mappings(struct encoded_tree *out, struct decision *decision)
{
    struct cramfs_selection *selection = &decision->selection;
    size_t count = selection->mappings_count;
    int error = encoded_add_mappings(out, selection, &decision->first_mapping);
    cramfs_selection_free(selection);
    selection->mappings_count = count;
    return error;
}

/*
 * Whether the selection says only why nothing is in place. Most files of a tree may have such a
 * selection.
 */
static bool says_little(const struct cramfs_selection *selection)
{
    return !selection->pages && !selection->last_excluded && !selection->mappings_count;
}

struct wanted_decision {
    const struct encoded_tree *out;
    const struct cramfs_selection *selection;
};

static bool says_the_same(void *context, uint32_t number)
{
    const struct wanted_decision *wanted = context;
    const struct cramfs_selection *selection = wanted->selection;
    const struct cramfs_selection *other = &wanted->out->decisions[number].selection;
    return other->reason == selection->reason && other->xip == selection->xip &&
           other->fault == selection->fault;
}

/*
 * The number of a decision that says the same; if there is none, the number of the next decision.
 */
static uint32_t find_decision(const struct deciding *deciding,
                              const struct cramfs_selection *selection, uint64_t hash)
{
    const struct encoded_tree *out = deciding->out;
    struct wanted_decision wanted = {out, selection};
    uint32_t number;
    bool found = says_little(selection) &&
                 hash_index_find(&deciding->little, hash, says_the_same, &wanted, &number);
    return found ? number : (uint32_t)out->decisions_count;
}

int decide(struct deciding *deciding, uint32_t node, struct cramfs_selection *selection)
{
    struct encoded_tree *out = deciding->out;
    uint64_t hash = hash_mix((uint64_t)selection->reason << 8 | selection->xip,
                             (uint64_t)(uintptr_t)selection->fault);
    uint32_t number = find_decision(deciding, selection, hash);
    out->decision_of_node[node] = number;
    if (number < out->decisions_count) {
        cramfs_selection_free(selection);
        return 0;
    }
    if (!ARRAY_GROW(out, decisions)) {
        cramfs_selection_free(selection);
        return -CRAMFS_ERR_MEMORY;
    }
    struct decision *decision = &out->decisions[out->decisions_count++];
    *decision = (struct decision){.selection = *selection};
    int error = add_mappings(out, decision);
    if (error || !says_little(&decision->selection))
        return error;
    return hash_index_add(&deciding->little, hash, number);
}
