/*
 * Room: which bytes of an image are taken while it is laid out like an older one.
 *
 * There is a bit for each 4 bytes, since everything that gets a new place begins at a multiple of
 * 4. A unit of which any byte is taken counts as taken.
 */
#ifndef CRAMFS_PACK_LIKE_ROOM_H
#define CRAMFS_PACK_LIKE_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct room {
    uint64_t *words;
    size_t words_count;
};

/* Bytes from `begin` up to, but not including, `end`. */
struct span {
    uint64_t begin;
    uint64_t end;
};

/* A room starts as {0}, all of it free, and is freed with room_free(). */
void room_free(struct room *room);

/* Returns 0 or -CRAMFS_ERR_MEMORY. */
int room_take(struct room *room, uint64_t offset, uint64_t length);

/* Gives bytes back; they must have been taken only once. */
void room_give(struct room *room, uint64_t offset, uint64_t length);
bool room_is_free(const struct room *room, uint64_t offset, uint64_t length);

/* A copy, in *to, which starts as {0}. Returns 0 or -CRAMFS_ERR_MEMORY. */
int room_copy(const struct room *room, struct room *to);

/*
 * The next free span from `from` on that begins below `limit`, cut off there. Returns false when
 * there is none. A sweep over all spans takes the time of one look at every bit.
 */
bool room_next(const struct room *room, uint64_t from, uint64_t limit, struct span *span);

/* Where the last taken bytes end, rounded up to a multiple of 4. */
uint64_t room_end(const struct room *room);

#endif
