#include "pack/blocks/read_ahead.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/open_files.h"
#include "base/pool.h"
#include "cramfs/format.h"

/*
 * A group takes some hundred microseconds to read from the page cache: long compared with the cost
 * of passing it to a thread. Four threads keep a disk busy, and hold few files open: each a
 * directory, and while it opens another one, two more. AHEAD_BYTES has room for a large file beside
 * the groups that are read after it.
 */
enum {
    READERS = 4,
    READER_FILES = 3,
    GROUP_BYTES = 256 << 10,
    GROUP_FILES = 256,
    AHEAD_BYTES = 8 << 20,
    ALIGNMENT = 16, /* of the bytes of each file, as from malloc() */
};

struct group_file {
    const struct cramfs_node *node;
    size_t offset; /* of its bytes */
    int error;
    struct cramfs_diags found;
};

struct group {
    struct group_file files[GROUP_FILES];
    size_t files_count;
    size_t next; /* the file that is handed over next */
    unsigned char *bytes;
    size_t bytes_count;
};

struct read_ahead {
    const struct cramfs_tree *tree;
    struct pool *pool;
    uint32_t cursor;   /* number of the first node that is in no group yet */
    size_t most_bytes; /* to be read ahead */
    size_t bytes;      /* of the groups in the pool */
    struct group *current;
    unsigned char *alone; /* of a file whose source is read by one thread at a time */
    size_t alone_capacity;
};

static void free_group(struct group *group)
{
    for (size_t i = 0; group && i < group->files_count; i++)
        cramfs_diags_free(&group->files[i].found);
    if (group)
        free(group->bytes);
    free(group);
}

static void *reader_create(void *context)
{
    (void)context;
    struct cramfs_source_place *place = malloc(sizeof(*place));
    if (place)
        *place = CRAMFS_SOURCE_NO_PLACE;
    return place;
}

static void reader_free(void *worker)
{
    struct cramfs_source_place *place = worker;
    if (place->file >= 0)
        close(place->file);
    free(place);
}

static void read_group(void *worker, void *job)
{
    struct group *group = job;
    for (size_t i = 0; i < group->files_count; i++) {
        struct group_file *file = &group->files[i];
        const struct cramfs_source *source = file->node->source;
        file->error = source->read_beside(source, file->node, group->bytes + file->offset, worker,
                                          &file->found);
    }
}

static unsigned count_readers(unsigned jobs)
{
    unsigned readers = jobs > 1 ? open_files_left(READERS * READER_FILES) / READER_FILES : 1;
    return readers ? readers : 1;
}

struct read_ahead *read_ahead_create(const struct cramfs_tree *tree, unsigned jobs)
{
    const struct pool_work work = {reader_create, reader_free, read_group, NULL};
    struct read_ahead *ahead = calloc(1, sizeof(*ahead));
    if (!ahead)
        return NULL;
    ahead->tree = tree;
    ahead->most_bytes = jobs > 1 ? AHEAD_BYTES : 0;
    ahead->pool = pool_create(count_readers(jobs), &work);
    if (ahead->pool)
        return ahead;
    free(ahead);
    return NULL;
}

void read_ahead_free(struct read_ahead *ahead)
{
    if (!ahead)
        return;
    free_group(ahead->current);
    for (struct group *group; (group = pool_take(ahead->pool));)
        free_group(group);
    pool_free(ahead->pool);
    free(ahead->alone);
    free(ahead);
}

bool read_ahead_has(const struct cramfs_node *node)
{
    return S_ISREG(node->mode) && node->size && node->size <= CRAMFS_MAX_FILE_SIZE && node->source;
}

/* The next file that is to be read ahead; NULL at the end of the tree. */
static const struct cramfs_node *look(struct read_ahead *ahead)
{
    for (; ahead->cursor < ahead->tree->nodes_count; ahead->cursor++) {
        const struct cramfs_node *node = ahead->tree->nodes[ahead->cursor];
        if (read_ahead_has(node) && node->source->read_beside)
            return node;
    }
    return NULL;
}

/* Adds the next files to a group: small ones, or one of any size. */
static void fill(struct read_ahead *ahead, struct group *group)
{
    for (const struct cramfs_node *node; (node = look(ahead)); ahead->cursor++) {
        size_t offset = (group->bytes_count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        size_t end = offset + (size_t)node->size;
        if (group->files_count && (group->files_count == GROUP_FILES || end > GROUP_BYTES))
            return;
        group->files[group->files_count++] = (struct group_file){.node = node, .offset = offset};
        group->bytes_count = end;
    }
}

/* Submits groups as long as the pool and the limit have room; at least one, if there is one. */
static int submit_groups(struct read_ahead *ahead)
{
    const struct cramfs_node *node;
    while (!pool_full(ahead->pool) && (node = look(ahead)) &&
           (!ahead->bytes || ahead->bytes + node->size <= ahead->most_bytes)) {
        struct group *group = calloc(1, sizeof(*group));
        if (group) {
            fill(ahead, group);
            group->bytes = malloc(group->bytes_count);
        }
        if (!group || !group->bytes) {
            free_group(group);
            return -CRAMFS_ERR_MEMORY;
        }
        ahead->bytes += group->bytes_count;
        pool_submit(ahead->pool, group);
    }
    return 0;
}

/* Makes the oldest group the current one. */
static int take_group(struct read_ahead *ahead)
{
    free_group(ahead->current);
    ahead->current = NULL;
    int error = submit_groups(ahead);
    if (error)
        return error;
    ahead->current = pool_take(ahead->pool);
    ahead->bytes -= ahead->current->bytes_count;
    return ahead->most_bytes ? submit_groups(ahead) : 0;
}

static int read_alone(struct read_ahead *ahead, const struct cramfs_node *node,
                      struct read_file *file)
{
    if (!array_reserve(&ahead->alone, 1, 0, &ahead->alone_capacity, (size_t)node->size))
        return -CRAMFS_ERR_MEMORY;
    file->bytes = ahead->alone;
    file->error = node->source->read(node->source, node, ahead->alone, &file->found);
    return 0;
}

int read_ahead_next(struct read_ahead *ahead, const struct cramfs_node *node,
                    struct read_file *file)
{
    *file = (struct read_file){0};
    if (!node->source->read_beside)
        return read_alone(ahead, node, file);
    if (!ahead->current || ahead->current->next == ahead->current->files_count) {
        int error = take_group(ahead);
        if (error)
            return error;
    }
    struct group_file *next = &ahead->current->files[ahead->current->next++];
    *file = (struct read_file){ahead->current->bytes + next->offset, next->error, next->found};
    next->found = (struct cramfs_diags){0};
    return 0;
}
