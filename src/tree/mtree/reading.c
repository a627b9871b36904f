#include "tree/mtree/reading.h"

#include "base/array.h"
#include "tree/layers/second.h"

int fail_line(const struct mtree_reading *reading, const char *text)
{
    return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->where, "%s", text);
}

int add_words(const struct mtree_reading *reading, const struct mtree_line *line,
              struct mtree_facts *facts)
{
    int error = 0;
    for (unsigned i = 0; !error && i < line->words_count; i++)
        error = mtree_facts_add(facts, line->words[i], reading->where, reading->diags);
    return error;
}

uint64_t line_hash(const struct mtree_reading *reading, const struct mtree_line *line)
{
    uint64_t above = line->full_path ? SECOND_ROOT : reading->source->places[reading->place].hash;
    return second_hash(above, line->name);
}

int enter(struct mtree_reading *reading, const char *name, struct cramfs_node *node, uint64_t hash)
{
    struct mtree_source *source = reading->source;
    if (!ARRAY_GROW(source, places))
        return cramfs_fail_memory(reading->diags);
    source->places[source->places_count] = (struct mtree_place){reading->place, name, node, hash};
    reading->place = source->places_count++;
    return 0;
}
