#include "xip/elf_use.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/diag.h"
#include "cramfs/elf.h"
#include "xip/program/elf_dynamic.h"
#include "xip/rules/needs_search.h"

/* Names of files that are linked. Starts as {0}. */
struct linked_names {
    char **list;
    size_t list_count;
    size_t list_capacity;
};

/* A library, and its DT_SONAME. */
struct library {
    uint32_t node;
    char *soname; /* NULL for none */
};

struct elf_looking {
    const struct cramfs_tree *tree;
    struct elf_use *uses;
    struct linked_names names;
    struct library *libraries;
    size_t libraries_count;
    size_t libraries_capacity;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int add_name(struct linked_names *names, const char *path)
{
    char *name = ARRAY_GROW(names, list) ? strdup(base_name(path)) : NULL;
    if (!name)
        return -CRAMFS_ERR_MEMORY;
    names->list[names->list_count++] = name;
    return 0;
}

static int compare_names(const void *first, const void *second)
{
    return strcmp(*(char *const *)first, *(char *const *)second);
}

static bool has_name(const struct linked_names *names, size_t count, const char *name)
{
    return name && bsearch(&name, names->list, count, sizeof(*names->list), compare_names);
}

static int add_library(struct elf_looking *looking, const struct cramfs_node *node,
                       const struct elf_dynamic *dynamic)
{
    bool library = dynamic->is_dynamic && !dynamic->interpreter && !dynamic->is_program &&
                   (dynamic->soname || strncmp(node->name, "lib", 3) == 0);
    if (!library)
        return 0;
    if (!ARRAY_GROW(looking, libraries))
        return -CRAMFS_ERR_MEMORY;
    char *soname = dynamic->soname ? strdup(dynamic->soname) : NULL;
    if (dynamic->soname && !soname)
        return -CRAMFS_ERR_MEMORY;
    looking->libraries[looking->libraries_count++] = (struct library){node->number, soname};
    return 0;
}

static int take_dynamic(struct elf_looking *looking, const struct cramfs_node *node,
                        const unsigned char *bytes)
{
    struct elf_dynamic dynamic;
    int error = elf_dynamic_read(bytes, (size_t)node->size, &dynamic);
    if (error)
        return error;
    for (size_t i = 0; !error && i < dynamic.needed_count; i++)
        error = add_name(&looking->names, dynamic.needed[i]);
    if (!error && dynamic.interpreter)
        error = add_name(&looking->names, dynamic.interpreter);
    if (!error)
        error = add_library(looking, node, &dynamic);
    elf_dynamic_free(&dynamic);
    return error;
}

static int take_elf(struct elf_looking *looking, const struct cramfs_node *node,
                    const unsigned char *bytes)
{
    struct cramfs_elf elf;
    int error = cramfs_elf_read(bytes, (size_t)node->size, &elf);
    if (error)
        return error;
    uint64_t end = 0;
    for (size_t i = 0; i < elf.segments_count; i++) {
        uint64_t this_end = elf.segments[i].offset + elf.segments[i].file_size;
        end = this_end > end ? this_end : end;
    }
    if (elf.kind == CRAMFS_ELF_LOADABLE && end)
        looking->uses[node->number].loaded = end;
    bool loadable = elf.kind == CRAMFS_ELF_LOADABLE;
    cramfs_elf_free(&elf);
    return loadable ? take_dynamic(looking, node, bytes) : 0;
}

static int take_file(struct elf_looking *looking, const struct cramfs_node *node)
{
    unsigned char *bytes = NULL;
    int error = S_ISREG(node->mode) && node->size ? needs_search_read(node, &bytes) : 0;
    if (!error && bytes)
        error = take_elf(looking, node, bytes);
    free(bytes);
    return error;
}

/*
 * A file that a link with such a name leads to counts as linked. The link may itself be the target
 * of another link.
 */
static int follow_links(struct elf_looking *looking)
{
    int error = 0;
    for (int round = 0; !error && round < 2; round++) {
        size_t count = looking->names.list_count;
        qsort(looking->names.list, count, sizeof(*looking->names.list), compare_names);
        for (uint32_t i = 0; !error && i < looking->tree->nodes_count; i++) {
            const struct cramfs_node *node = looking->tree->nodes[i];
            if (S_ISLNK(node->mode) && has_name(&looking->names, count, node->name))
                error = add_name(&looking->names, node->target);
        }
    }
    if (looking->names.list_count)
        qsort(looking->names.list, looking->names.list_count, sizeof(*looking->names.list),
              compare_names);
    return error;
}

static void judge_libraries(struct elf_looking *looking)
{
    const struct linked_names *names = &looking->names;
    for (size_t i = 0; i < looking->libraries_count; i++) {
        const struct library *library = &looking->libraries[i];
        const char *name = looking->tree->nodes[library->node]->name;
        looking->uses[library->node].unlinked =
            !has_name(names, names->list_count, name) &&
            !has_name(names, names->list_count, library->soname);
    }
}

int find_elf_use(const struct cramfs_tree *tree, struct elf_use *uses)
{
    struct elf_looking looking = {.tree = tree, .uses = uses};
    int error = 0;
    for (uint32_t i = 0; i < tree->nodes_count; i++)
        uses[i] = (struct elf_use){.loaded = UINT64_MAX};
    for (uint32_t i = 0; !error && i < tree->nodes_count; i++)
        error = take_file(&looking, tree->nodes[i]);
    if (!error && looking.names.list_count)
        error = follow_links(&looking);
    if (!error)
        judge_libraries(&looking);
    for (size_t i = 0; i < looking.names.list_count; i++)
        free(looking.names.list[i]);
    for (size_t i = 0; i < looking.libraries_count; i++)
        free(looking.libraries[i].soname);
    free(looking.names.list);
    free(looking.libraries);
    return error;
}
