#include "pack/blocks/contents.h"

#include <string.h>

#include "base/array.h"
#include "cramfs/diag.h"

static bool same_content(const struct encoded_tree *out, const struct content *a,
                         const struct content *b)
{
    size_t bytes = a->refs_count * sizeof(*out->refs);
    return a->size == b->size && a->refs_count == b->refs_count &&
           memcmp(&out->refs[a->first_ref], &out->refs[b->first_ref], bytes) == 0 &&
           memcmp(&out->placed[a->first_ref], &out->placed[b->first_ref], bytes) == 0;
}

struct wanted_content {
    const struct encoded_tree *out;
    const struct content *content;
};

static bool is_content(void *context, uint32_t number)
{
    const struct wanted_content *wanted = context;
    return same_content(wanted->out, &wanted->out->contents[number], wanted->content);
}

int content_number(struct encoded_tree *out, struct hash_index *index,
                   const struct content *content, uint32_t *number)
{
    uint64_t hash = hash_bytes(&out->refs[content->first_ref],
                               content->refs_count * sizeof(*out->refs), content->size);
    struct wanted_content wanted = {out, content};
    if (hash_index_find(index, hash, is_content, &wanted, number)) {
        out->refs_count = content->first_ref;
        return 0;
    }
    if (!ARRAY_GROW(out, contents))
        return -CRAMFS_ERR_MEMORY;
    *number = (uint32_t)out->contents_count;
    out->contents[out->contents_count++] = *content;
    return hash_index_add(index, hash, *number);
}
