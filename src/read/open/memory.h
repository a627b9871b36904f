/* Memory for the bytes of images. */
#ifndef CRAMFS_READ_OPEN_MEMORY_H
#define CRAMFS_READ_OPEN_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Memory for an image's bytes, all zero. NULL when there is none, or no size. */
void *image_memory(uint64_t size);
void image_memory_free(void *memory, size_t size);

#endif
