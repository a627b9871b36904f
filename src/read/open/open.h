/*
 * Opening, between the bytes of a file and an image: where the image is in them, and in what form.
 */
#ifndef CRAMFS_READ_OPEN_OPEN_H
#define CRAMFS_READ_OPEN_OPEN_H

#include "cramfs/image.h"

/* A piece of a file in memory. */
struct file_window {
    const unsigned char *bytes;
    uint64_t begin;     /* in the file */
    uint64_t length;    /* of the piece */
    uint64_t file_size; /* of the whole file */
    void *memory;       /* what unload() frees */
};

/* A superblock as it was found, swapped back. */
struct header {
    enum cramfs_swap swap;
    enum cramfs_order order;
    struct cramfs_super super;
    bool has_signature;
};

/* What the kernel takes for the size of an image that does not tell: cramfs_read_super(). */
#define ASSUMED_SIZE ((uint64_t)1 << 28)

/* How many bytes the superblock says that there are from the image's beginning on. */
uint64_t claimed_size(const struct cramfs_super *super);

/* Bytes of the file if the window has them all, else NULL. */
const unsigned char *window_bytes(const struct file_window *window, uint64_t offset,
                                  uint64_t length);

/* Decodes a superblock in whatever form it is; false when it is none. */
bool decode_header(const unsigned char from[CRAMFS_SUPER_SIZE], struct header *header);

/* Looks for the superblock at `offset` of the file, and 512 behind it. Tells which by *place. */
bool find_header(const struct file_window *window, uint64_t offset, struct header *header,
                 uint32_t *place);

/*
 * Makes an image of the superblock at `place` of the file. When the image may begin 512 bytes in
 * front of it, that is decided by the CRC, or by where the root's entries are. Sets no page size.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int attach(const struct file_window *window, uint64_t place, const struct header *header,
           struct cramfs_image *image);

/* Whether the image has a CRC, all the bytes that it is of, and the right one. */
bool crc_holds(const struct cramfs_image *image);

/* The whole of it, from window to page size. */
int open_window(const struct file_window *window, const struct cramfs_open_options *options,
                struct cramfs_image *image, struct cramfs_diags *diags);

/*
 * Opens a file to be read from anywhere, and finds its size. `stream` is that of struct
 * cramfs_open_options. Returns it, or a negative code.
 */
int open_file(const char *path, bool stream, uint64_t *size, struct cramfs_diags *diags);

/* Memory for an image's bytes, all zero. NULL when there is none, or no size. */
void *image_memory(uint64_t size);
void image_memory_free(void *memory, size_t size);

/* The diagnostic of an open file of `size` bytes that cannot be read, with errno. */
int fail_to_read(int file, uint64_t size, const char *path, struct cramfs_diags *diags);

/*
 * Reads what is at `offset` of a file, no more of it than the image and what surrounds that, into a
 * window that has nothing but the file's size. Returns false with errno. Unload it in any case.
 */
bool load(struct file_window *window, int file, uint64_t offset);
void unload(struct file_window *window);

/*
 * Finds the page size of an image that is open but for that, and sets it. Returns 0 or
 * -CRAMFS_ERR_MEMORY.
 */
int guess_page_size(struct cramfs_image *image);

#endif
