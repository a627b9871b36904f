#include "report/usage/du.h"

#include <stdlib.h>
#include <string.h>

#include "report/block_reader.h"
#include "report/text.h"

static const char program_type[] = "program";
static const char padding_type[] = "padding";

int du_compare(const void *first, const void *second)
{
    const struct du_sum *a = first;
    const struct du_sum *b = second;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return a->entry < b->entry ? -1 : a->entry > b->entry;
}

static void sum_kinds(const struct cramfs_usage *usage, struct du *du)
{
    struct du_sum sums[CRAMFS_USAGE_KINDS] = {{0}};
    for (size_t i = 0; i < usage->pieces_count; i++) {
        const struct cramfs_piece *piece = &usage->pieces[i];
        sums[piece->kind].bytes += piece->length;
        sums[piece->kind].shared += piece->shared ? piece->length : 0;
    }
    for (uint32_t kind = 0; kind < CRAMFS_USAGE_KINDS; kind++) {
        sums[kind].name = cramfs_usage_kind_name(kind);
        sums[kind].entry = kind;
        if (sums[kind].bytes)
            du->kinds[du->kinds_count++] = sums[kind];
    }
    qsort(du->kinds, du->kinds_count, sizeof(*du->kinds), du_compare);
}

/* Types are few: the names are compared as they are, since each is one string. */
static struct du_sum *type_named(struct du *du, const char *name)
{
    size_t i = 0;
    while (i < du->types_count && strcmp(du->types[i].name, name) != 0)
        i++;
    if (i == du->types_count)
        du->types[du->types_count++] = (struct du_sum){.name = name, .entry = (uint32_t)i};
    return &du->types[i];
}

/* The image's own padding is charged to the root, and is listed by itself here. */
static uint64_t padding_of(const struct cramfs_usage *usage)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < usage->pieces_count; i++) {
        enum cramfs_usage_kind kind = usage->pieces[i].kind;
        if (kind == CRAMFS_USAGE_PADDING || kind == CRAMFS_USAGE_BOOT)
            bytes += usage->pieces[i].length;
    }
    return bytes;
}

/*
 * Whether each entry is a program. Entries that are one inode, and as large, have one first block,
 * which is read once.
 */
static bool *find_programs(const struct cramfs_view *view)
{
    const struct cramfs_entry *list = view->survey->entries.list;
    uint32_t count = view->survey->entries.list_count;
    bool *programs = calloc(count, sizeof(*programs));
    struct block_reader *reader = programs ? block_reader_create() : NULL;
    for (uint32_t i = 0; reader && i < count; i++) {
        uint32_t first = view->survey->inode[i];
        uint32_t length;
        programs[i] = first < i && list[first].inode.mode == list[i].inode.mode &&
                              list[first].inode.size == list[i].inode.size
                          ? programs[first]
                          : block_reader_program(reader, view, i, &length);
    }
    if (!reader) {
        free(programs);
        return NULL;
    }
    block_reader_free(reader);
    return programs;
}

static int sum_types(const struct cramfs_view *view, const struct cramfs_usage *usage,
                     struct du *du)
{
    const struct cramfs_entries *entries = &view->survey->entries;
    bool *programs = find_programs(view);
    if (!programs)
        return -CRAMFS_ERR_MEMORY;
    uint64_t padding = padding_of(usage);
    if (padding)
        type_named(du, padding_type)->bytes = padding;
    for (uint32_t i = 0; i < entries->list_count; i++) {
        const char *name = text_type(entries->list[i].inode.mode);
        struct du_sum *sum = type_named(du, programs[i] ? program_type : name);
        sum->bytes += usage->charged[i] - (i == 0 ? padding : 0);
        sum->shared += usage->borrowed[i];
        sum->entries++;
    }
    free(programs);
    qsort(du->types, du->types_count, sizeof(*du->types), du_compare);
    return 0;
}

int du_sum_up(const struct cramfs_view *view, const struct cramfs_usage *usage, struct du *du)
{
    *du = (struct du){0};
    sum_kinds(usage, du);
    return sum_types(view, usage, du);
}
