/*
 * Loading: reads the bytes of an image from a file or device into memory. They are not mapped:
 * reading them would end in a signal if the file is cut short or the device fails, and they could
 * change after they were checked. Only the image is read, since the dump that contains it may be
 * larger than memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/options.h"
#include "base/zero.h"
#include "read/open/memory.h"
#include "read/open/open.h"

void unload(struct file_window *window)
{
    image_memory_free(window->memory, (size_t)window->length);
    shared_free(window->shared);
    window->memory = NULL;
    window->shared = NULL;
}

/*
 * Reads into zeroed memory. The memory of pieces of zeroes is given back, so an image that only
 * claims to be large, and is a hole in a sparse file, takes none.
 */
static bool read_pieces(struct file_window *window, int file)
{
    enum { PIECE = 1 << 21 };
    unsigned char *to = window->memory;
    size_t length = (size_t)window->length;
    bool good = true;
    for (size_t at = 0; good && at < length; at += PIECE) {
        size_t now = length - at < PIECE ? length - at : PIECE;
        good = io_read_at(file, to + at, now, window->begin + at);
        if (good && all_zero(to + at, now))
            madvise(to + at, now, MADV_DONTNEED);
    }
    return good;
}

/* Reads piece by piece, and keeps only the pieces that differ from the other image. */
static bool read_shared(struct shared_bytes *shared, int file, size_t length, uint64_t begin)
{
    unsigned char *piece = malloc(SHARED_PIECE);
    bool good = piece;
    for (size_t at = 0; good && at < length; at += SHARED_PIECE) {
        size_t now = length - at < SHARED_PIECE ? length - at : SHARED_PIECE;
        good = io_read_at(file, piece, now, begin + at);
        if (good)
            shared_put(shared, at, piece, now);
    }
    int error = errno;
    free(piece);
    errno = error;
    return good;
}

/*
 * Whether the file still has the bytes of the window. If it is cut while they are copied, Linux can
 * give zeroes instead of some; then the size has changed already.
 */
static bool is_there(const struct file_window *window, int file)
{
    off_t end = lseek(file, 0, SEEK_END);
    bool there = end < 0 || (uint64_t)end >= window->begin + window->length;
    if (!there)
        errno = EIO;
    return there;
}

/*
 * Loads [begin, begin + length) of the file, cut at its end, as the window. `beside` may be NULL.
 * False with errno.
 */
static bool load_piece(struct file_window *window, int file, uint64_t begin, uint64_t length,
                       const struct cramfs_image *beside)
{
    uint64_t size = window->file_size;
    unload(window);
    window->begin = begin < size ? begin : size;
    window->length = length < size - window->begin ? length : size - window->begin;
    if (!window->length)
        return true;
    if (beside)
        window->shared = shared_create(beside, window->length);
    else
        window->memory = image_memory(window->length);
    window->bytes = window->memory;
    if (!window->memory && !window->shared) {
        errno = ENOMEM;
        return false;
    }
    bool good = window->shared
                    ? read_shared(window->shared, file, (size_t)window->length, window->begin)
                    : read_pieces(window, file);
    return good && is_there(window, file);
}

/*
 * How much to read for boot code and an image of `claimed` bytes: one page more, since a page in
 * place may reach past the end of the file system; and the spare bytes that a dump of NAND flash
 * has between pages (check/vendor.c).
 */
static uint64_t with_surroundings(uint64_t claimed)
{
    enum { MOST_SPARE = 16 }; /* one byte after each 16 */
    return CRAMFS_BOOT_SIZE + claimed + claimed / MOST_SPARE + CRAMFS_MAX_PAGE_SIZE;
}

bool load(struct file_window *window, int file, const struct cramfs_open_options *options)
{
    struct header header;
    uint32_t place;
    uint64_t offset = options->offset;
    uint64_t begin = offset > CRAMFS_BOOT_SIZE ? offset - CRAMFS_BOOT_SIZE : 0;
    if (!load_piece(window, file, begin, 2 * CRAMFS_BOOT_SIZE + CRAMFS_SUPER_SIZE, NULL))
        return false;
    if (!find_header(window, offset, &header, &place))
        return true; /* the caller reports that there is no superblock */
    /* Swapped bytes are those of no other image, and are in memory once more when swapped back. */
    bool share = !offset && header.swap == CRAMFS_SWAP_NONE;
    return load_piece(window, file, begin, with_surroundings(claimed_size(&header.super)),
                      share ? options->beside : NULL);
}

static int fail_to_load(const struct file_window *window, int file, const char *path,
                        struct cramfs_diags *diags)
{
    if (errno != ENOMEM)
        return fail_to_read(file, window->file_size, path, diags);
    return cramfs_fail(diags, CRAMFS_ERR_MEMORY, path,
                       "cannot read the image: there is no memory for %" PRIu64 " bytes%s",
                       window->length,
                       sizeof(void *) > sizeof(uint32_t)
                           ? ""
                           : "; a 32-bit program has 4 GiB of addresses, use a 64-bit one");
}

int cramfs_image_open(const char *path, const struct cramfs_open_options *given,
                      struct cramfs_image *image, struct cramfs_diags *diags)
{
    struct cramfs_open_options options;
    options_copy(&options, sizeof(options), given);
    *image = (struct cramfs_image){0};
    struct file_window window = {0};
    int file = open_file(path, options.stream, &window.file_size, diags);
    if (file < 0)
        return file;
    int error = load(&window, file, &options) ? 0 : fail_to_load(&window, file, path, diags);
    close(file);
    if (!error)
        error = open_window(&window, &options, image, diags);
    if (!error && !image->memory) {
        image->memory = window.memory;
        image->memory_size = (size_t)window.length;
        window.memory = NULL;
        image->owns_shared = window.shared;
        window.shared = NULL;
    }
    unload(&window);
    return error;
}
