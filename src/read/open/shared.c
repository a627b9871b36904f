#include "read/open/shared.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/zero.h"
#include "read/open/memory.h"

struct shared_bytes {
    const unsigned char *other;
    uint64_t other_length;
    unsigned char *own;
    uint64_t length;
    atomic_bool *is_own;  /* by piece: its bytes are in `own` */
    pthread_mutex_t lock; /* for filling `own` */
};

struct shared_bytes *shared_create(const struct cramfs_image *other, uint64_t length)
{
    struct shared_bytes *shared = calloc(1, sizeof(*shared));
    if (!shared)
        return NULL;
    shared->other = other->bytes;
    shared->other_length = other->bytes ? other->reader.known_size : 0;
    shared->own = image_memory(length);
    shared->length = length;
    shared->is_own = calloc((size_t)(length / SHARED_PIECE) + 1, sizeof(*shared->is_own));
    pthread_mutex_init(&shared->lock, NULL);
    if (shared->own && shared->is_own) {
#ifdef MADV_NOHUGEPAGE
        /* Few pieces are used, and not next to each other. */
        madvise(shared->own, (size_t)length, MADV_NOHUGEPAGE);
#endif
        return shared;
    }
    shared_free(shared);
    return NULL;
}

void shared_free(struct shared_bytes *shared)
{
    if (!shared)
        return;
    image_memory_free(shared->own, (size_t)shared->length);
    free(shared->is_own);
    pthread_mutex_destroy(&shared->lock);
    free(shared);
}

void shared_put(struct shared_bytes *shared, uint64_t offset, const void *bytes, size_t length)
{
    if (offset + length <= shared->other_length &&
        memcmp(shared->other + offset, bytes, length) == 0)
        return;
    if (!all_zero(bytes, length)) /* zeroes take no memory */
        memcpy(shared->own + offset, bytes, length);
    atomic_store(&shared->is_own[offset / SHARED_PIECE], true);
}

/* Copies a piece, so that it can be read together with those around it. */
static void copy_piece(struct shared_bytes *shared, size_t piece)
{
    uint64_t offset = (uint64_t)piece * SHARED_PIECE;
    uint64_t rest = shared->length - offset;
    memcpy(shared->own + offset, shared->other + offset,
           rest < SHARED_PIECE ? (size_t)rest : SHARED_PIECE);
    atomic_store(&shared->is_own[piece], true);
}

const unsigned char *shared_at(struct shared_bytes *shared, uint64_t offset, uint64_t length)
{
    if (!length) /* perhaps at the end, where the other image need not have bytes */
        return shared->own + offset;
    size_t first = (size_t)(offset / SHARED_PIECE);
    size_t last = (size_t)((offset + length - 1) / SHARED_PIECE);
    size_t own = 0;
    for (size_t i = first; i <= last; i++)
        own += atomic_load(&shared->is_own[i]);
    if (!own)
        return shared->other + offset;
    if (own <= last - first) {
        pthread_mutex_lock(&shared->lock);
        for (size_t i = first; i <= last; i++)
            if (!atomic_load(&shared->is_own[i]))
                copy_piece(shared, i);
        pthread_mutex_unlock(&shared->lock);
    }
    return shared->own + offset;
}
