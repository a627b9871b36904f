#include "xip/rules/needs_search.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/lower_bound.h"
#include "cramfs/diag.h"
#include "cramfs/format.h"
#include "tree/resolve.h"

/* What is known of a node. */
struct needs_object {
    struct loader_path run_path;
    const struct cramfs_node *loaded_by; /* NULL for a file with which a rule begins */
    struct elf_machine machine;
    bool examined; /* the machine is known */
    bool is_rpath; /* the kind of the run path */
    bool is_runpath;
};

/* One search. */
struct question {
    struct needs_search *search;
    const char *name;
    struct elf_machine machine;
    struct cramfs_node *answer; /* NULL until it is found */
};

int needs_search_init(struct needs_search *search, const struct cramfs_tree *tree)
{
    *search = (struct needs_search){
        .tree = tree,
        .objects = calloc(tree->nodes_count, sizeof(*search->objects)),
        .system = {.most = LOADER_SYSTEM_DIRECTORIES},
    };
    return search->objects ? loader_path_add_system(&search->system, tree) : -CRAMFS_ERR_MEMORY;
}

void needs_search_free(struct needs_search *search)
{
    for (uint32_t i = 0; search->objects && i < search->tree->nodes_count; i++)
        loader_path_free(&search->objects[i].run_path);
    loader_path_free(&search->system);
    free(search->objects);
    free(search->by_name);
    *search = (struct needs_search){0};
}

int needs_search_read(const struct cramfs_node *node, unsigned char **bytes)
{
    *bytes = NULL;
    if (!S_ISREG(node->mode) || !node->size || node->size > CRAMFS_MAX_FILE_SIZE || !node->source)
        return 0;
    *bytes = malloc((size_t)node->size);
    if (!*bytes)
        return -CRAMFS_ERR_MEMORY;
    int error = node->source->read(node->source, node, *bytes, NULL);
    if (error) {
        free(*bytes);
        *bytes = NULL;
    }
    return error == -CRAMFS_ERR_MEMORY ? error : 0;
}

int needs_search_add_run_path(struct needs_search *search, const struct cramfs_node *file,
                              const struct elf_dynamic *dynamic)
{
    struct needs_object *object = &search->objects[file->number];
    object->is_rpath = dynamic->is_rpath;
    object->is_runpath = dynamic->is_runpath;
    object->run_path.most = LOADER_RUN_DIRECTORIES;
    if (!dynamic->run_path)
        return 0;
    return loader_path_add_run_path(&object->run_path, search->tree, file, dynamic->run_path);
}

void needs_search_loaded_by(struct needs_search *search, uint32_t number,
                            const struct cramfs_node *by)
{
    search->objects[number].loaded_by = by;
}

/* Reads the machine of a file, once. */
static int examine(const struct needs_search *search, const struct cramfs_node *node)
{
    struct needs_object *object = &search->objects[node->number];
    struct elf_dynamic dynamic;
    unsigned char *bytes;
    if (object->examined)
        return 0;
    object->examined = true;
    int error = needs_search_read(node, &bytes);
    if (error || !bytes)
        return error;
    error = elf_dynamic_read(bytes, (size_t)node->size, &dynamic);
    if (!error) {
        object->machine = dynamic.machine;
        elf_dynamic_free(&dynamic);
    }
    free(bytes);
    return error;
}

/* Makes a node the answer if it leads to a file that the loader takes. */
static int try_node(struct question *question, struct cramfs_node *node)
{
    int error = resolve_link(question->search->tree, NULL, &node);
    if (error || !node || !S_ISREG(node->mode))
        return error;
    error = examine(question->search, node);
    const struct elf_machine *machine = &question->search->objects[node->number].machine;
    if (!error && machine->class == question->machine.class &&
        machine->order == question->machine.order && machine->number == question->machine.number)
        question->answer = node;
    return error;
}

static int try_path(struct question *question, const struct loader_path *path)
{
    int error = 0;
    for (size_t i = 0; !error && !question->answer && i < path->list_count; i++) {
        struct cramfs_node *node =
            cramfs_tree_find(question->search->tree, path->list[i], question->name);
        if (node)
            error = try_node(question, node);
    }
    return error;
}

/* Tries the run paths of the file that needs `by`, then of the file that needs that one. */
static int try_loaders(struct question *question, const struct cramfs_node *by, bool rpath)
{
    int error = 0;
    for (int i = 0; !error && !question->answer && i < NEEDS_MOST_LOADERS; i++) {
        by = question->search->objects[by->number].loaded_by;
        if (!by)
            break;
        const struct needs_object *object = &question->search->objects[by->number];
        if (rpath ? object->is_rpath : object->is_runpath)
            error = try_path(question, &object->run_path);
    }
    return error;
}

static int compare_names(const void *first, const void *second)
{
    const struct cramfs_node *const *a = first;
    const struct cramfs_node *const *b = second;
    int order = strcmp((*a)->name, (*b)->name);
    return order ? order : (*a)->number < (*b)->number ? -1 : 1;
}

static int sort_by_name(struct needs_search *search)
{
    const struct cramfs_tree *tree = search->tree;
    if (search->by_name)
        return 0;
    search->by_name = calloc(tree->nodes_count, sizeof(struct cramfs_node *));
    if (!search->by_name)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        if (S_ISREG(tree->nodes[i]->mode) || S_ISLNK(tree->nodes[i]->mode))
            search->by_name[search->by_name_count++] = tree->nodes[i];
    }
    qsort(search->by_name, search->by_name_count, sizeof(struct cramfs_node *), compare_names);
    return 0;
}

static bool name_is_before(const void *node, const void *name)
{
    return strcmp((*(struct cramfs_node *const *)node)->name, name) < 0;
}

/* The index of the first node with that name in the sorted list. */
static size_t first_namesake(const struct needs_search *search, const char *name)
{
    return lower_bound(name, search->by_name, search->by_name_count, sizeof(*search->by_name),
                       name_is_before);
}

/* Takes the only file of that name, wherever it is. A link counts as the file that it leads to. */
static int try_namesakes(struct question *question, enum needs_found *found)
{
    struct needs_search *search = question->search;
    struct cramfs_node *only = NULL;
    int error = sort_by_name(search);
    size_t first = error ? 0 : first_namesake(search, question->name);
    for (size_t i = first; !error && i < search->by_name_count; i++) {
        if (strcmp(search->by_name[i]->name, question->name) != 0)
            break;
        error = try_node(question, search->by_name[i]);
        if ((only && question->answer != only) || i - first >= NEEDS_MOST_NAMESAKES) {
            question->answer = NULL;
            *found = NEEDS_AMBIGUOUS;
            break;
        }
        only = question->answer;
    }
    return error;
}

static int search_name(struct question *question, const struct cramfs_node *by,
                       enum needs_found *found)
{
    const struct needs_object *object = &question->search->objects[by->number];
    int error = try_path(question, &object->run_path);
    if (!error && !question->answer && !object->is_runpath)
        error = try_loaders(question, by, true);
    if (!error && !question->answer)
        error = try_path(question, &question->search->system);
    if (!error && !question->answer)
        error = try_loaders(question, by, false);
    if (!error && !question->answer)
        error = try_namesakes(question, found);
    return error;
}

/*
 * A name with a '/' is a path. glibc replaces $ORIGIN at its beginning, as in a run path. A
 * relative path depends on the directory in which the program is started, which nobody knows here.
 */
static int search_path(struct question *question, const struct cramfs_node *by,
                       enum needs_found *found)
{
    struct cramfs_node *node = NULL;
    const struct cramfs_tree *tree = question->search->tree;
    const char *rest = loader_after_origin(question->name);
    int error = 0;
    if (rest)
        error = resolve_path(tree, by->parent, rest + strspn(rest, "/"), NULL, &node);
    else if (question->name[0] == '/')
        error = resolve_path(tree, tree->root, question->name, NULL, &node);
    else
        *found = NEEDS_RELATIVE;
    return error || !node ? error : try_node(question, node);
}

int needs_search_find(struct needs_search *search, const struct cramfs_node *by, const char *name,
                      struct elf_machine machine, struct cramfs_node **node,
                      enum needs_found *found)
{
    struct question question = {.search = search, .name = name, .machine = machine};
    *found = NEEDS_NOWHERE;
    int error =
        strchr(name, '/') ? search_path(&question, by, found) : search_name(&question, by, found);
    *node = error ? NULL : question.answer;
    if (*node)
        *found = NEEDS_FOUND;
    return error;
}
