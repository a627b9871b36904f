#include "read/open/memory.h"

#include <sys/mman.h>

void *image_memory(uint64_t size)
{
    if (!size || size != (size_t)size)
        return NULL;
    void *memory =
        mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
#ifdef MADV_HUGEPAGE
    /* Page faults for each 4096 bytes would take longer than reading: twice the time in total. */
    madvise(memory, (size_t)size, MADV_HUGEPAGE);
#endif
    return memory;
}

void image_memory_free(void *memory, size_t size)
{
    if (memory)
        munmap(memory, size);
}
