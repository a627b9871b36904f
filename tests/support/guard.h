/*
 * Memory that ends at a page that cannot be read: an access one byte after it is a signal, in any
 * build and in any library.
 */
#ifndef TESTS_SUPPORT_GUARD_H
#define TESTS_SUPPORT_GUARD_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard {
    unsigned char *memory;
    size_t room; /* bytes before the page */
};

/* Room for at most `size` bytes. */
static inline struct guard guard_open(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct guard guard = {.room = (size + page - 1) / page * page};
    guard.memory =
        mmap(NULL, guard.room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (guard.memory == MAP_FAILED || mprotect(guard.memory + guard.room, page, PROT_NONE) != 0) {
        perror("guard page");
        abort();
    }
    return guard;
}

static inline void guard_close(const struct guard *guard)
{
    munmap(guard->memory, guard->room + (size_t)sysconf(_SC_PAGESIZE));
}

/* The last `size` bytes before the page. */
static inline unsigned char *guard_last(const struct guard *guard, size_t size)
{
    return guard->memory + guard->room - size;
}

static inline unsigned char *guard_copy(const struct guard *guard, const void *bytes, size_t size)
{
    unsigned char *to = guard_last(guard, size);
    if (size)
        memcpy(to, bytes, size);
    return to;
}

#endif
