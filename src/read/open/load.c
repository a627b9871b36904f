/*
 * Loading: the bytes of a file or device as a window. A file is mapped. A device cannot be mapped
 * safely (an I/O error would be a signal): of it the image's bytes are read, and no more, since a
 * device may be larger than memory. So may a file be larger than the address space of a host of 32
 * bits: then its image is read as that of a device is.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/options.h"
#include "read/open/open.h"

struct loading {
    int file;
    struct window window;
    void *mapping;
    size_t mapping_size;
};

static void unload(struct loading *loading)
{
    if (loading->mapping)
        munmap(loading->mapping, loading->mapping_size);
    loading->mapping = NULL;
}

/* Makes [begin, begin + length) of the file, cut to what it has, the window. False with errno. */
static bool load(struct loading *loading, uint64_t begin, uint64_t length, bool map)
{
    unload(loading);
    uint64_t size = loading->window.file_size;
    begin = begin < size ? begin : size;
    length = length < size - begin ? length : size - begin;
    loading->window.begin = begin;
    loading->window.length = length;
    if (!length)
        return true;
    if (length != (size_t)length) {
        errno = ENOMEM;
        return false;
    }
    void *bytes = map ? mmap(NULL, (size_t)length, PROT_READ, MAP_PRIVATE, loading->file, 0)
                      : mmap(NULL, (size_t)length, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED)
        return false;
    loading->mapping = bytes;
    loading->mapping_size = (size_t)length;
    loading->window.bytes = bytes;
    return map || io_read_at(loading->file, bytes, (size_t)length, begin);
}

/* The image at `offset`, and no more of the file than that. */
static bool read_image(struct loading *loading, uint64_t offset)
{
    struct header header;
    uint32_t place;
    uint64_t begin = offset > CRAMFS_BOOT_SIZE ? offset - CRAMFS_BOOT_SIZE : 0;
    uint64_t head = 2 * CRAMFS_BOOT_SIZE + CRAMFS_SUPER_SIZE;
    if (!load(loading, begin, head, false))
        return false;
    if (!find_header(&loading->window, offset, &header, &place))
        return true; /* whoever opens the window says so */
    /* A page more, since one in place may reach over the end of the file system. */
    uint64_t length = CRAMFS_BOOT_SIZE + claimed_size(&header.super) + CRAMFS_MAX_PAGE_SIZE;
    return load(loading, begin, length, false);
}

static bool load_image(struct loading *loading, uint64_t offset)
{
    struct stat status;
    if (fstat(loading->file, &status) != 0)
        return false;
    if (!S_ISREG(status.st_mode))
        return read_image(loading, offset);
    return load(loading, 0, UINT64_MAX, true) || (errno == ENOMEM && read_image(loading, offset));
}

static int fail_to_load(const struct loading *loading, const char *path, struct cramfs_diags *diags)
{
    if (errno != ENOMEM)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot read the image: %s",
                           strerror(errno));
    return cramfs_fail(diags, CRAMFS_ERR_MEMORY, path,
                       "cannot read the image: there is no memory for %" PRIu64 " bytes%s",
                       loading->window.length,
                       sizeof(void *) > sizeof(uint32_t)
                           ? ""
                           : "; a program of 32 bits has 4 GiB of addresses, use one of 64 bits");
}

int cramfs_image_open(const char *path, const struct cramfs_open_options *given,
                      struct cramfs_image *image, struct cramfs_diags *diags)
{
    struct cramfs_open_options options;
    options_copy(&options, sizeof(options), given);
    *image = (struct cramfs_image){0};
    struct loading loading = {0};
    loading.file = open_file(path, options.stream, &loading.window.file_size, diags);
    if (loading.file < 0)
        return loading.file;
    int error = 0;
    if (!load_image(&loading, options.offset))
        error = fail_to_load(&loading, path, diags);
    close(loading.file);
    if (!error)
        error = open_window(&loading.window, &options, image, diags);
    if (!error && !image->unswapped) {
        image->mapping = loading.mapping;
        image->mapping_size = loading.mapping_size;
        return 0;
    }
    unload(&loading);
    return error;
}
