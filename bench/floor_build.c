/*
 * The floor of a build: read, compress, write; and reading a tree that no cache has.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/zero.h"
#include "cramfs/codec.h"
#include "floor.h"

enum { PAGE = 4096, READ_SIZE = 128 << 10, WRITE_SIZE = 1 << 20 };

struct page {
    const unsigned char *bytes;
    uint32_t length;
    uint64_t hash;
};

struct pages {
    unsigned char *bytes; /* of all files, each from a multiple of the page on */
    size_t bytes_used;
    size_t bytes_capacity;
    struct page *list;
    size_t count;
    int level;
};

/* Calls `visit` with each regular file, opened, in the order of names on disk. */
static void visit_files(const char *tree, void (*visit)(void *context, int file), void *context)
{
    char *roots[] = {(char *)(uintptr_t)tree, NULL};
    FTS *walk = must(fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL));
    for (FTSENT *entry; (entry = fts_read(walk));) {
        errno = entry->fts_errno;
        if (errno)
            fail(entry->fts_path);
        if (entry->fts_info != FTS_F || !S_ISREG(entry->fts_statp->st_mode))
            continue;
        int file = open(entry->fts_accpath, O_RDONLY | O_CLOEXEC);
        if (file < 0)
            fail(entry->fts_path);
        visit(context, file);
        close(file);
    }
    fts_close(walk);
}

struct reading {
    unsigned char *buffer;
    uint64_t bytes;
};

static void read_only(void *context, int file)
{
    struct reading *reading = context;
    for (ssize_t got; (got = read(file, reading->buffer, READ_SIZE)) != 0;) {
        if (got < 0)
            fail("read");
        reading->bytes += (uint64_t)got;
    }
}

static void read_and_keep(void *context, int file)
{
    struct pages *pages = context;
    size_t begin = pages->bytes_used;
    for (ssize_t got = 1; got != 0; pages->bytes_used += (size_t)got) {
        if (pages->bytes_capacity - pages->bytes_used < READ_SIZE + PAGE) {
            pages->bytes_capacity = pages->bytes_capacity * 2 + READ_SIZE + PAGE;
            pages->bytes = must(realloc(pages->bytes, pages->bytes_capacity));
        }
        got = read(file, pages->bytes + pages->bytes_used, READ_SIZE);
        if (got < 0)
            fail("read");
    }
    size_t end = pages->bytes_used;
    for (size_t at = begin; at < end; at += PAGE) {
        /* Offsets until all bytes are where they stay. */
        if (pages->count % 1024 == 0)
            pages->list = must(realloc(pages->list, (pages->count + 1024) * sizeof(*pages->list)));
        pages->list[pages->count++] = (struct page){
            .bytes = (const unsigned char *)(uintptr_t)at,
            .length = (uint32_t)(end - at < PAGE ? end - at : PAGE),
        };
    }
    pages->bytes_used = (end + PAGE - 1) / PAGE * PAGE;
}

struct names {
    char **list;
    size_t count;
};

/* The paths of regular files. Looking for them reads directories and inodes, which are cold, too.
 */
static struct names find_names(const char *tree)
{
    char *roots[] = {(char *)(uintptr_t)tree, NULL};
    struct names names = {0};
    FTS *walk = must(fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL));
    for (FTSENT *entry; (entry = fts_read(walk));) {
        if (entry->fts_info != FTS_F)
            continue;
        if (names.count % 1024 == 0)
            names.list = must(realloc(names.list, (names.count + 1024) * sizeof(*names.list)));
        names.list[names.count++] = must(strdup(entry->fts_path));
    }
    fts_close(walk);
    return names;
}

static void *buffer_create(void *context)
{
    (void)context;
    return malloc(READ_SIZE);
}

static uint64_t read_file(void *context, void *state, size_t index)
{
    const struct names *names = context;
    struct reading reading = {.buffer = state};
    int file = open(names->list[index], O_RDONLY | O_CLOEXEC);
    if (file < 0)
        fail(names->list[index]);
    read_only(&reading, file);
    close(file);
    return reading.bytes;
}

void floor_cold(const char *tree, unsigned threads)
{
    const struct thread_work work = {buffer_create, read_file, free};
    struct clock start = clock_start();
    struct names names = find_names(tree);
    uint64_t bytes = on_threads(threads, &work, &names, names.count, 1);
    clock_print(&start, "cold", bytes);
}

static int by_contents(const void *left, const void *right)
{
    const struct page *a = left;
    const struct page *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return memcmp(a->bytes, b->bytes, a->length);
}

static int by_place(const void *left, const void *right)
{
    const struct page *a = left;
    const struct page *b = right;
    return a->bytes < b->bytes ? -1 : a->bytes > b->bytes;
}

/* Leaves the pages that an image needs, in the order of the files. */
static void leave_distinct(struct pages *pages)
{
    size_t kept = 0;
    for (size_t i = 0; i < pages->count; i++) {
        struct page page = pages->list[i];
        page.bytes = pages->bytes + (uintptr_t)page.bytes;
        page.hash = hash_bytes(page.bytes, page.length, 0);
        if (!all_zero(page.bytes, page.length))
            pages->list[kept++] = page;
    }
    pages->count = kept;
    qsort(pages->list, pages->count, sizeof(*pages->list), by_contents);
    kept = 0;
    for (size_t i = 0; i < pages->count; i++)
        if (!i || by_contents(&pages->list[i - 1], &pages->list[i]) != 0)
            pages->list[kept++] = pages->list[i];
    pages->count = kept;
    qsort(pages->list, pages->count, sizeof(*pages->list), by_place);
}

struct compressing {
    struct cramfs_deflater *deflater;
    unsigned char to[PAGE * 2];
};

static void *compressing_create(void *context)
{
    const struct pages *pages = context;
    struct compressing *compressing = malloc(sizeof(*compressing));
    if (compressing)
        compressing->deflater =
            must(cramfs_deflater_create(CRAMFS_COMPRESSOR_DEFAULT, pages->level));
    return compressing;
}

static uint64_t compress_page(void *context, void *state, size_t index)
{
    struct compressing *compressing = state;
    const struct page *page = &((const struct pages *)context)->list[index];
    size_t length = cramfs_deflate(compressing->deflater, page->bytes, page->length,
                                   compressing->to, cramfs_deflate_bound(page->length));
    return length && length < page->length ? length : page->length;
}

static void compressing_free(void *state)
{
    cramfs_deflater_free(((struct compressing *)state)->deflater);
    free(state);
}

static void write_image(const char *out, uint64_t size)
{
    unsigned char *bytes = must(malloc(WRITE_SIZE));
    memset(bytes, 0x5a, WRITE_SIZE);
    unlink(out);
    struct clock start = clock_start();
    int file = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0)
        fail(out);
    for (uint64_t at = 0; at < size;) {
        ssize_t put = write(file, bytes, size - at < WRITE_SIZE ? (size_t)(size - at) : WRITE_SIZE);
        if (put < 0)
            fail(out);
        at += (uint64_t)put;
    }
    /* As mkcramfs-xip and mkfs.cramfs do; on a tmpfs it is nothing. */
    if (fsync(file) != 0 || close(file) != 0)
        fail(out);
    clock_print(&start, "write", size);
    unlink(out);
    free(bytes);
}

void floor_build(const char *tree, int level, unsigned threads, uint64_t size, const char *out)
{
    struct reading reading = {.buffer = must(malloc(READ_SIZE))};
    memset(reading.buffer, 0, READ_SIZE);
    struct clock start = clock_start();
    visit_files(tree, read_only, &reading);
    clock_print(&start, "read", reading.bytes);

    struct pages pages = {.level = level};
    visit_files(tree, read_and_keep, &pages);
    leave_distinct(&pages);
    const struct thread_work work = {compressing_create, compress_page, compressing_free};
    start = clock_start();
    uint64_t made = on_threads(threads, &work, &pages, pages.count, TEAM_STEP);
    clock_print(&start, "compress", made);

    write_image(out, size);
}
