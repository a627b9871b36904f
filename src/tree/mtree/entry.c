#include "tree/mtree/entry.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/remedy.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/layers/second.h"

static struct cramfs_node *directory_of(const struct mtree_reading *reading)
{
    return reading->source->places[reading->place].node;
}

static int is_excluded(const struct mtree_reading *reading, const struct mtree_line *line)
{
    struct cramfs_excludes *excludes = reading->tree->excludes;
    if (!line->full_path)
        return cramfs_excludes_match_in(excludes, directory_of(reading), line->name);
    char *path = layers_path(reading->tree, line->name);
    int excluded = path ? cramfs_excludes_match(excludes, path) : -CRAMFS_ERR_MEMORY;
    free(path);
    return excluded;
}

/* The entry that an earlier line made for the same name, or NULL. */
static struct mtree_entry *find_entry(const struct mtree_reading *reading,
                                      const struct mtree_line *line)
{
    const struct cramfs_node *node = layers_follow(
        reading->tree, line->full_path
                           ? layers_lookup(reading->tree, line->name)
                           : cramfs_tree_find(reading->tree, directory_of(reading), line->name));
    if (!node || node->source != &reading->source->base)
        return NULL;
    return &reading->source->entries[node->source_offset];
}

/* Reports an error of the tree about an entry, with its line. */
static int report_put(const struct mtree_reading *reading, const char *name, int error,
                      struct cramfs_diags *own)
{
    char shown[MTREE_SHOWN_SIZE];
    for (size_t i = 0; i < own->list_count; i++) {
        const struct cramfs_diag *diag = &own->list[i];
        with_remedy(cramfs_report(reading->diags, diag->severity, diag->code, reading->where,
                                  "%s: %s", mtree_shown(diag->path ? diag->path : name, shown),
                                  diag->text),
                    reading->diags, diag->remedy, diag->remedy_value);
    }
    if (error == -CRAMFS_ERR_MEMORY || (error && !own->list_count))
        error = cramfs_fail_memory(reading->diags);
    cramfs_diags_free(own);
    return error;
}

static int put_node(const struct mtree_reading *reading, const struct mtree_line *line,
                    uint32_t type, struct cramfs_node **node)
{
    struct cramfs_diags own = {0};
    struct cramfs_node *directory = directory_of(reading);
    if (!line->full_path && (directory->removed || !S_ISDIR(directory->mode)))
        return fail_line(reading, "its directory was replaced by another file");
    int error = line->full_path
                    ? cramfs_tree_put_path(reading->tree, line->name, type, &own, node)
                    : layers_put(reading->tree, directory, line->name, type, &own, node);
    return report_put(reading, line->name, error, &own);
}

/* Makes a new entry, or changes the type of an old one, and its node. */
static int make_entry(struct mtree_reading *reading, const struct mtree_line *line,
                      const struct mtree_facts *facts, struct mtree_entry **entry)
{
    struct mtree_source *source = reading->source;
    struct cramfs_node *node;
    if (!*entry && !ARRAY_GROW(source, entries))
        return cramfs_fail_memory(reading->diags);
    int error = put_node(reading, line, facts->type, &node);
    if (error)
        return error;
    if (!*entry)
        *entry = &source->entries[source->entries_count++];
    (*entry)->node = node;
    node->source = &source->base;
    node->source_offset = (uint64_t)(*entry - source->entries);
    return 0;
}

/* Whether the line is about the root; from then on, names without a directory are in it. */
static bool is_root(const struct mtree_line *line)
{
    const char *at = line->name;
    while (*at == '/' || (*at == '.' && (at[1] == '/' || !at[1])))
        at++;
    return line->full_path && !*at;
}

/* The entry's path in the manifest, at the end of the buffer; not *whole if it is too long. */
static const char *line_path(const struct mtree_reading *reading, const struct mtree_line *line,
                             char buffer[PATH_MAX], bool *whole)
{
    const struct mtree_entry said = {.place = line->full_path ? 0 : reading->place,
                                     .name = line->name};
    return mtree_entry_path(reading->source, &said, buffer, whole);
}

/* A line, and the same line with the path of its entry in the tree; usually they are equal. */
struct placed_line {
    const struct mtree_line *line;
    const struct mtree_line *in_tree;
    uint64_t hash; /* of its path in the manifest: line_hash() */
};

/* Gives the entry the facts of its line; `entry` is the one in its place, or NULL. */
static int keep_entry(struct mtree_reading *reading, const struct placed_line *placed,
                      const struct mtree_facts *facts, struct mtree_entry *entry, bool own)
{
    const struct mtree_line *line = placed->line;
    size_t place = line->full_path ? 0 : reading->place;
    char buffer[PATH_MAX];
    bool whole;
    int error = entry && !own
                    ? second_refuse(reading->tree, entry->node, facts->type, reading->path,
                                    line_path(reading, line, buffer, &whole), reading->diags)
                    : 0;
    if (!error && (!entry || entry->facts.type != facts->type))
        error = make_entry(reading, placed->in_tree, facts, &entry);
    if (error)
        return error;
    entry->node->named = placed->hash;
    entry->facts = *facts;
    entry->line = reading->line;
    entry->place = place;
    entry->name = line->name;
    bool enters = facts->type == S_IFDIR && !line->full_path;
    return enters ? enter(reading, line->name, entry->node, placed->hash) : 0;
}

/* A file may have several lines: each adds to the facts of those before, or replaces them. */
static int take_entry(struct mtree_reading *reading, const struct placed_line *placed)
{
    const struct mtree_line *line = placed->line;
    bool excluded = reading->skipped ? !line->full_path : false;
    int fit = excluded ? 0 : is_excluded(reading, placed->in_tree);
    if (fit < 0)
        return cramfs_fail_memory(reading->diags);
    excluded = excluded || fit;
    struct mtree_entry *entry = excluded ? NULL : find_entry(reading, placed->in_tree);
    /* Through links of earlier sources, and where names are dropped, it may be another file's. */
    bool own = entry && !second_is_other(entry->node, placed->hash);
    struct mtree_facts facts = own ? entry->facts : (struct mtree_facts){0};
    mtree_facts_merge(&facts, &reading->defaults);
    int error = add_words(reading, line, &facts);
    if (error)
        return error;
    if (!(facts.given & MTREE_TYPE))
        return fail_line(reading, "has no type; add type=file, or another");
    if (!excluded)
        return keep_entry(reading, placed, &facts, entry, own);
    reading->skipped += facts.type == S_IFDIR && !line->full_path;
    return 0;
}

/* A line outside the part. If it is a directory, lines after it may be in the part. */
static int pass_by(struct mtree_reading *reading, const struct mtree_line *line, const char *path)
{
    struct mtree_facts facts = {0};
    char *to = NULL;
    mtree_facts_merge(&facts, &reading->defaults);
    int error = add_words(reading, line, &facts);
    if (!error && facts.type == S_IFDIR && !line->full_path)
        error = enter(reading, line->name, NULL, line_hash(reading, line));
    else if (!error)
        error = part_place(reading->tree, path, facts.type, reading->diags, &to);
    free(to);
    return error;
}

/* Takes a line by its path in the manifest. */
static int take_part(struct mtree_reading *reading, const struct mtree_line *line)
{
    char buffer[PATH_MAX];
    bool whole;
    const char *path = line_path(reading, line, buffer, &whole);
    char *to;
    if (!whole)
        return fail_line(reading, "the path is too long to take a part of the manifest");
    int error = part_place(reading->tree, path, S_IFDIR, reading->diags, &to);
    struct mtree_line in_tree = *line;
    in_tree.full_path = true;
    in_tree.name = to;
    if (!error)
        error = to ? take_entry(reading,
                                &(struct placed_line){line, &in_tree, line_hash(reading, line)})
                   : pass_by(reading, line, path);
    free(to);
    return error;
}

int take_entry_line(struct mtree_reading *reading, const struct mtree_line *line)
{
    reading->entries++;
    if (is_root(line))
        reading->place = 0;
    return reading->tree->part
               ? take_part(reading, line)
               : take_entry(reading, &(struct placed_line){line, line, line_hash(reading, line)});
}
