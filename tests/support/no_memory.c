/*
 * To be preloaded: makes the memory of a program run out. The environment says when:
 *
 *   NO_MEMORY_AT    the number of the one call of malloc(3) and its like that fails, from 1
 *   NO_MEMORY_FROM  or the first of those that fail
 *   NO_MEMORY_LOG   a file that gets the number of calls when the program ends
 *
 * Only for glibc, which has its functions under second names, and without a sanitizer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static long calls;

static long number_of(const char *variable)
{
    const char *text = getenv(variable);
    return text ? strtol(text, NULL, 10) : 0;
}

/* Sets errno if this call fails. */
static int fails(void)
{
    long call = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    long from = number_of("NO_MEMORY_FROM");
    if (call != number_of("NO_MEMORY_AT") && (!from || call < from))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    *memory = fails() ? NULL : __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("NO_MEMORY_LOG");
    int file = path ? open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (file >= 0)
        dprintf(file, "%ld", calls);
}
