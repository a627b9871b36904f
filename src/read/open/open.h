/*
 * Opening, between the bytes of a file and an image: finds where the image is in them, and in what
 * form.
 */
#ifndef CRAMFS_READ_OPEN_OPEN_H
#define CRAMFS_READ_OPEN_OPEN_H

#include "cramfs/image.h"
#include "read/open/shared.h"

/* A piece of a file in memory. */
struct file_window {
    const unsigned char *bytes;
    uint64_t begin;              /* in the file */
    uint64_t length;             /* of the piece */
    uint64_t file_size;          /* of the whole file */
    void *memory;                /* what unload() frees */
    struct shared_bytes *shared; /* the bytes, if `bytes` is NULL; unload() frees them, too */
};

/* A superblock, swapped back. */
struct header {
    enum cramfs_swap swap;
    enum cramfs_order order;
    struct cramfs_super super;
    bool has_signature;
};

/* The size that the kernel assumes when an image does not have one: cramfs_read_super(). */
#define ASSUMED_SIZE ((uint64_t)1 << 28)

/* How many bytes the image has from its beginning on, as its superblock says. */
uint64_t claimed_size(const struct cramfs_super *super);

/* Bytes of the file if they are all in the window, else NULL. */
const unsigned char *window_bytes(const struct file_window *window, uint64_t offset,
                                  uint64_t length);

/* Decodes a superblock in any form; false when the bytes are not one. */
bool decode_header(const unsigned char from[CRAMFS_SUPER_SIZE], struct header *header);

/*
 * Looks for the superblock at `offset` of the file, and 512 bytes after it. *place is where it was
 * found.
 */
bool find_header(const struct file_window *window, uint64_t offset, struct header *header,
                 uint32_t *place);

/*
 * Makes an image of the superblock at `place` of the file. When the image may begin 512 bytes
 * before it, the CRC decides, or the place of the root's entries. Sets no page size. Returns 0 or
 * -CRAMFS_ERR_MEMORY.
 */
int attach(const struct file_window *window, uint64_t place, const struct header *header,
           struct cramfs_image *image);

/* Bytes of the image that are known to be there: up to reader.known_size. */
const unsigned char *bytes_of_image(const struct cramfs_image *image, uint64_t offset,
                                    uint64_t length);

/* Whether the image has a CRC, is complete, and the CRC is right. */
bool crc_holds(const struct cramfs_image *image);

/* Opens from window to page size. */
int open_window(const struct file_window *window, const struct cramfs_open_options *options,
                struct cramfs_image *image, struct cramfs_diags *diags);

/*
 * Opens a file for reads at any offset, and finds its size. `stream` is that of struct
 * cramfs_open_options. Returns the file, or a negative code.
 */
int open_file(const char *path, bool stream, uint64_t *size, struct cramfs_diags *diags);

/* The diagnostic of an open file of `size` bytes that cannot be read, with errno. */
int fail_to_read(int file, uint64_t size, const char *path, struct cramfs_diags *diags);

/*
 * Reads the bytes at options->offset of a file into a window that has only the file's size set: no
 * more than the image and what surrounds it. Returns false with errno. Unload it in any case.
 */
bool load(struct file_window *window, int file, const struct cramfs_open_options *options);
void unload(struct file_window *window);

/*
 * Finds and sets the page size of an image that is otherwise open. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int guess_page_size(struct cramfs_image *image);

#endif
