/*
 * /etc/ld.so.conf, as ldconfig(8) of glibc reads it: one directory on each line, "include" with
 * globs, "#" comments. Lines with "hwcap", and text after a '=', are ignored: they are about
 * variants of libraries.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/format.h"
#include "tree/resolve.h"
#include "xip/rules/loader_path.h"

/* Globs of includes in all files together; later ones are ignored. */
enum { MOST_INCLUDES = 128 };

/*
 * A regular file of the tree, and its place on the stack of files that are being read, or still
 * have to be. Files are numbers of nodes; 0, the root directory, is none.
 */
struct file {
    char *text; /* NULL until it is read */
    char *rest;
    uint32_t above;
    uint32_t below;
    enum { FILE_UNKNOWN, FILE_WAITS, FILE_IS_READ } state;
};

struct loader_reading {
    struct loader_path *path;
    const struct cramfs_tree *tree;
    struct file *files; /* by node */
    uint32_t top;       /* the current file */
    unsigned includes;
};

static void remove_from_stack(struct loader_reading *reading, uint32_t number)
{
    const struct file *file = &reading->files[number];
    if (file->above)
        reading->files[file->above].below = file->below;
    else
        reading->top = file->below;
    if (file->below)
        reading->files[file->below].above = file->above;
}

/*
 * A file is read once, at the first place that includes it; so a cycle ends. Of a file that waits,
 * the place on top is the first.
 */
static void push(struct loader_reading *reading, const struct cramfs_node *node)
{
    if (!node || !S_ISREG(node->mode) || reading->files[node->number].state == FILE_IS_READ)
        return;
    struct file *file = &reading->files[node->number];
    if (file->state == FILE_WAITS)
        remove_from_stack(reading, node->number);
    file->state = FILE_WAITS;
    file->above = 0;
    file->below = reading->top;
    if (reading->top)
        reading->files[reading->top].above = node->number;
    reading->top = node->number;
}

/* A file that cannot be read gives an empty text: the builder will report it. */
static int load(const struct cramfs_node *node, struct file *file)
{
    bool readable = node->source && node->size && node->size <= CRAMFS_MAX_FILE_SIZE;
    size_t size = readable ? (size_t)node->size : 0;
    file->text = calloc(1, size + 1);
    if (!file->text)
        return -CRAMFS_ERR_MEMORY;
    file->rest = file->text;
    int error = size ? node->source->read(node->source, node, file->text, NULL) : 0;
    if (error)
        file->text[0] = '\0';
    return error == -CRAMFS_ERR_MEMORY ? error : 0;
}

/*
 * Adds the files whose names match the glob, in the order of names: the last one goes onto the
 * stack first. Wildcards count only in the last name of a pattern.
 */
static int include(struct loader_reading *reading, const struct cramfs_node *by, char *pattern)
{
    char *slash = strrchr(pattern, '/');
    const char *glob = slash ? slash + 1 : pattern;
    struct cramfs_node *directory = by->parent;
    int error = 0;
    if (slash == pattern)
        directory = reading->tree->root;
    else if (slash) {
        *slash = '\0';
        error = resolve_path(reading->tree, by->parent, pattern, NULL, &directory);
    }
    if (error || !directory || !S_ISDIR(directory->mode))
        return error;
    for (size_t i = directory->children_count; !error && i--;) {
        struct cramfs_node *node = directory->children[i];
        if (fnmatch(glob, node->name, FNM_PATHNAME | FNM_PERIOD) != 0)
            continue;
        error = resolve_link(reading->tree, NULL, &node);
        if (!error)
            push(reading, node);
    }
    return error;
}

static int add_directory(struct loader_reading *reading, char *line)
{
    struct cramfs_node *node = NULL;
    line[strcspn(line, "=")] = '\0';
    for (size_t end = strlen(line); end && strchr(" \t", line[end - 1]); end--)
        line[end - 1] = '\0';
    int error =
        line[0] == '/' ? resolve_path(reading->tree, reading->tree->root, line, NULL, &node) : 0;
    return error ? error : loader_path_add(reading->path, node);
}

static int take_line(struct loader_reading *reading, const struct cramfs_node *by, char *line)
{
    static const char blanks[] = " \t\r\v\f";
    line[strcspn(line, "#")] = '\0';
    line += strspn(line, blanks);
    size_t word = strcspn(line, blanks);
    if (word == strlen("hwcap") && strncmp(line, "hwcap", word) == 0)
        return 0;
    if (word != strlen("include") || strncmp(line, "include", word) != 0) {
        line[strcspn(line, "\r")] = '\0';
        return add_directory(reading, line);
    }
    /* A stack: push the last glob first. */
    char *globs[MOST_INCLUDES];
    size_t count = 0;
    char *rest = line + word;
    for (char *glob; reading->includes < MOST_INCLUDES && (glob = strtok_r(NULL, blanks, &rest));) {
        globs[count++] = glob;
        reading->includes++;
    }
    int error = 0;
    while (!error && count--)
        error = include(reading, by, globs[count]);
    return error;
}

static void pop(struct loader_reading *reading)
{
    struct file *file = &reading->files[reading->top];
    free(file->text);
    remove_from_stack(reading, reading->top);
}

static int read_files(struct loader_reading *reading)
{
    int error = 0;
    while (!error && reading->top && !loader_path_full(reading->path)) {
        const struct cramfs_node *node = reading->tree->nodes[reading->top];
        struct file *file = &reading->files[reading->top];
        if (file->state == FILE_WAITS)
            error = load(node, file);
        file->state = FILE_IS_READ;
        char *line = error ? NULL : strsep(&file->rest, "\n");
        if (line)
            error = take_line(reading, node, line);
        else
            pop(reading);
    }
    return error;
}

int loader_path_add_configuration(struct loader_path *path, const struct cramfs_tree *tree,
                                  const char *name)
{
    struct loader_reading reading = {.path = path, .tree = tree};
    struct cramfs_node *node;
    int error = resolve_path(tree, tree->root, name, NULL, &node);
    if (error || !node)
        return error;
    reading.files = calloc(tree->nodes_count, sizeof(*reading.files));
    if (!reading.files)
        return -CRAMFS_ERR_MEMORY;
    push(&reading, node);
    error = read_files(&reading);
    while (reading.top)
        pop(&reading);
    free(reading.files);
    return error;
}
