#include "tree/archive/take/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/zero.h"
#include "cramfs/format.h"

struct spool {
    struct cramfs_source base;
    int file;
    uint64_t size;
    uint64_t written; /* from here on the current file has only zeroes */
};

static int read_spool(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                      struct cramfs_diags *diags)
{
    const struct spool *spool = (const struct spool *)base;
    if (io_read_at(spool->file, to, (size_t)node->size, node->source_offset))
        return 0;
    return cramfs_node_fail(diags, CRAMFS_ERR_IO, node,
                            "cannot read it from the temporary file: %s", strerror(errno));
}

static int read_beside(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                       struct cramfs_source_place *place, struct cramfs_diags *diags)
{
    (void)place;
    return read_spool(base, node, to, diags);
}

static void free_spool(struct cramfs_source *base)
{
    struct spool *spool = (struct spool *)base;
    if (spool->file >= 0)
        close(spool->file);
    free(spool);
}

/*
 * For a file system that cannot make a file without a name: the file has a name for a moment, in
 * which no signal may end the program.
 */
static int open_unlinked(const char *directory)
{
    char name[4096];
    if (snprintf(name, sizeof(name), "%s/cramfs-xip.XXXXXX", directory) >= (int)sizeof(name)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int file = mkostemp(name, O_CLOEXEC);
    int error = errno;
    if (file >= 0)
        unlink(name);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return file;
}

const char *spool_directory(void)
{
    const char *directory = getenv("TMPDIR");
    return directory && *directory ? directory : "/tmp";
}

int spool_open_file(void)
{
    const char *directory = spool_directory();
    int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return file < 0 && (errno == EOPNOTSUPP || errno == EISDIR) ? open_unlinked(directory) : file;
}

int spool_create(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags,
                 struct spool **spool)
{
    *spool = calloc(1, sizeof(**spool));
    if (!*spool)
        return cramfs_fail_memory(diags);
    (*spool)->base = (struct cramfs_source){read_spool, free_spool, tree->sources, read_beside};
    (*spool)->file = spool_open_file();
    tree->sources = &(*spool)->base;
    if ((*spool)->file >= 0)
        return 0;
    return cramfs_fail(diags, CRAMFS_ERR_IO, path,
                       "cannot make a temporary file in %s: %s; set TMPDIR to another directory",
                       spool_directory(), strerror(errno));
}

/*
 * The bytes at `offset` up to the next block boundary, and the following blocks of the same kind
 * (zero or not).
 */
static size_t next_piece(const unsigned char *bytes, size_t length, uint64_t offset, bool *zero)
{
    enum { BLOCK = 4096 };
    size_t end = 0;
    while (end < length) {
        size_t block = BLOCK - (size_t)((offset + end) % BLOCK);
        block = block < length - end ? block : length - end;
        bool is = all_zero(bytes + end, block);
        if (end && is != *zero)
            break;
        *zero = is;
        end += block;
    }
    return end;
}

bool spool_write(int file, const void *from, size_t length, uint64_t offset)
{
    const unsigned char *bytes = from;
    bool good = true;
    for (size_t at = 0; good && at < length;) {
        bool zero = false;
        size_t piece = next_piece(bytes + at, length - at, offset + at, &zero);
        good = zero || io_write_at(file, bytes + at, piece, offset + at);
        at += piece;
    }
    return good;
}

bool spool_put(struct spool *spool, const void *bytes, size_t length, uint64_t offset)
{
    uint64_t at = spool->size + offset;
    bool again = at < spool->written; /* some archives have a part of a file twice */
    if (at + length > spool->written)
        spool->written = at + length;
    return again ? io_write_at(spool->file, bytes, length, at)
                 : spool_write(spool->file, bytes, length, at);
}

bool spool_end(struct spool *spool, struct cramfs_node *node)
{
    node->source = &spool->base;
    node->source_offset = spool->size;
    /* A larger file goes into no image; drop its bytes, or they would show in later holes. */
    if (node->size <= CRAMFS_MAX_FILE_SIZE)
        spool->size += node->size;
    spool->written = spool->size;
    return ftruncate(spool->file, (off_t)spool->size) == 0;
}
