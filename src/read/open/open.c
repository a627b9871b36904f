#include "read/open/open.h"

#include <inttypes.h>
#include <string.h>

#include "base/options.h"
#include "base/remedy.h"
#include "format/bytes.h"
#include "read/open/memory.h"

static const struct cramfs_image *image_of(const struct cramfs_reader *reader)
{
    return (const struct cramfs_image *)((const char *)reader -
                                         offsetof(struct cramfs_image, reader));
}

static void read_image(const struct cramfs_reader *reader, uint64_t offset, void *to, size_t length)
{
    /* Callers stay within the known size; if one does not, it gets zeroes as the kernel would. */
    if (offset <= reader->known_size && length <= reader->known_size - offset)
        memcpy(to, bytes_of_image(image_of(reader), offset, length), length);
    else
        memset(to, 0, length);
}

const unsigned char *window_bytes(const struct file_window *window, uint64_t offset,
                                  uint64_t length)
{
    if (offset < window->begin || offset - window->begin > window->length ||
        length > window->length - (offset - window->begin))
        return NULL;
    offset -= window->begin;
    return window->shared ? shared_at(window->shared, offset, length) : window->bytes + offset;
}

uint64_t claimed_size(const struct cramfs_super *super)
{
    return super->flags & CRAMFS_FLAG_FSID_VERSION_2 ? super->size : ASSUMED_SIZE;
}

/*
 * A 32-bit swap turns the magic of one byte order into that of the other, so the signature decides.
 * Without a signature (old images, and other makers) the first form with the right magic is taken.
 */
bool decode_header(const unsigned char from[CRAMFS_SUPER_SIZE], struct header *header)
{
    bool found = false;
    for (int swap = CRAMFS_SWAP_NONE; swap < CRAMFS_SWAPS_COUNT; swap++) {
        unsigned char bytes[CRAMFS_SUPER_SIZE];
        struct header candidate = {.swap = (enum cramfs_swap)swap};
        cramfs_swap_copy(candidate.swap, bytes, from, sizeof(bytes));
        if (!cramfs_super_decode(bytes, &candidate.order, &candidate.super))
            continue;
        candidate.has_signature = memcmp(candidate.super.signature, CRAMFS_SIGNATURE,
                                         sizeof(candidate.super.signature)) == 0;
        if (!found || candidate.has_signature)
            *header = candidate;
        found = true;
        if (candidate.has_signature)
            break;
    }
    return found;
}

bool find_header(const struct file_window *window, uint64_t offset, struct header *header,
                 uint32_t *place)
{
    static const uint32_t places[] = {0, CRAMFS_BOOT_SIZE};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const unsigned char *bytes = NULL;
        if (offset <= UINT64_MAX - places[i])
            bytes = window_bytes(window, offset + places[i], CRAMFS_SUPER_SIZE);
        *place = places[i];
        if (bytes && decode_header(bytes, header))
            return true;
    }
    return false;
}

/* Where a page in place ends that begins within `size` bytes. */
static uint64_t with_last_page(uint64_t size)
{
    return align_up(size, sizeof(uint32_t)) + CRAMFS_MAX_PAGE_SIZE;
}

/* Makes an image that begins at `begin`; its superblock is `super_offset` bytes after that. */
static int attach_at(const struct file_window *window, uint64_t begin, uint32_t super_offset,
                     const struct header *header, struct cramfs_image *image)
{
    uint64_t there = window->length - (begin - window->begin);
    uint64_t claimed = claimed_size(&header->super);
    *image = (struct cramfs_image){
        .reader = {.size = claimed < there ? claimed : there,
                   .known_size = there,
                   .read = read_image},
        .bytes = window->shared ? NULL : window_bytes(window, begin, there),
        .shared = window->shared,
        .offset = begin,
        .file_size = window->file_size - begin,
        .swap = header->swap,
        .order = header->order,
        .super_offset = super_offset,
        .super = header->super,
        .page_size = CRAMFS_MIN_PAGE_SIZE,
    };
    if (header->swap == CRAMFS_SWAP_NONE)
        return 0;
    /* Whole words only: a last word that is cut cannot be swapped. */
    size_t width = cramfs_swap_width(header->swap);
    uint64_t words = with_last_page(image->reader.size);
    if (words > there) {
        words = there / width * width;
        image->reader.size = image->reader.size < words ? image->reader.size : words;
    }
    image->reader.known_size = words;
    unsigned char *swapped_back = image_memory(words);
    if (!swapped_back)
        return -CRAMFS_ERR_MEMORY;
    cramfs_swap_copy(header->swap, swapped_back, window_bytes(window, begin, words), (size_t)words);
    image->bytes = swapped_back;
    image->shared = NULL; /* only of a file that became a swapped one while it was read */
    image->memory = swapped_back;
    image->memory_size = (size_t)words;
    return 0;
}

bool crc_holds(const struct cramfs_image *image)
{
    /* An image that is cut short may end where another image with the same bytes does. */
    return image->super.flags & CRAMFS_FLAG_FSID_VERSION_2 &&
           image->reader.size == image->super.size && cramfs_image_crc(image) == image->super.crc;
}

int attach(const struct file_window *window, uint64_t place, const struct header *header,
           struct cramfs_image *image)
{
    int error = attach_at(window, place, 0, header, image);
    bool may_begin_before = place >= CRAMFS_BOOT_SIZE && place - CRAMFS_BOOT_SIZE >= window->begin;
    if (error || !may_begin_before)
        return error;
    if (crc_holds(image))
        return 0;
    struct cramfs_image before;
    error = attach_at(window, place - CRAMFS_BOOT_SIZE, CRAMFS_BOOT_SIZE, header, &before);
    bool begins_before = header->super.root.offset == CRAMFS_BOOT_SIZE + CRAMFS_SUPER_SIZE ||
                         (!error && crc_holds(&before));
    struct cramfs_image other = begins_before ? *image : before;
    if (begins_before)
        *image = before;
    cramfs_image_close(&other);
    return error;
}

static void report_form(const struct cramfs_image *image, bool guessed, struct cramfs_diags *diags)
{
    if (image->swap != CRAMFS_SWAP_NONE)
        cramfs_report(diags, CRAMFS_NOTE, CRAMFS_ERR_FORMAT, NULL,
                      "the bytes of each %zu-bit word are swapped in this file, and are read in "
                      "the right order",
                      8 * cramfs_swap_width(image->swap));
    if (guessed && image->page_size != CRAMFS_MIN_PAGE_SIZE)
        with_remedy(cramfs_report(diags, CRAMFS_NOTE, CRAMFS_ERR_FORMAT, NULL,
                                  "the image does not store its page size, and pages of %" PRIu32
                                  " bytes match its files best",
                                  image->page_size),
                    diags, CRAMFS_REMEDY_PAGE_SIZE, NULL);
}

static int fail_to_find(const struct file_window *window, uint64_t offset,
                        struct cramfs_diags *diags)
{
    if (offset)
        return with_remedy(cramfs_fail(diags, CRAMFS_ERR_FORMAT, NULL,
                                       "no cramfs superblock at offset %" PRIu64
                                       " or 512 bytes after it, in a file of %" PRIu64 " bytes",
                                       offset, window->file_size),
                           diags, CRAMFS_REMEDY_SCAN, NULL);
    return with_remedy(
        cramfs_fail(diags, CRAMFS_ERR_FORMAT, NULL,
                    "no cramfs superblock at offset 0 or 512 of its %" PRIu64
                    " bytes: it is not a cramfs image, or the image begins at another offset",
                    window->file_size),
        diags, CRAMFS_REMEDY_SCAN, NULL);
}

int open_window(const struct file_window *window, const struct cramfs_open_options *options,
                struct cramfs_image *image, struct cramfs_diags *diags)
{
    struct header header;
    uint32_t place;
    *image = (struct cramfs_image){0};
    if (options->page_size && !cramfs_page_size_valid(options->page_size))
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "the block size of %" PRIu32
                           " bytes is not 4096, 8192, 16384, 32768 or 65536",
                           options->page_size);
    if (!find_header(window, options->offset, &header, &place))
        return fail_to_find(window, options->offset, diags);
    int error = place ? attach_at(window, options->offset, place, &header, image)
                      : attach(window, options->offset, &header, image);
    image->page_size = options->page_size;
    if (!error && !options->page_size)
        error = guess_page_size(image);
    if (error) {
        cramfs_image_close(image);
        return cramfs_fail_memory(diags);
    }
    report_form(image, !options->page_size, diags);
    return 0;
}

int cramfs_image_open_memory(const void *bytes, uint64_t size,
                             const struct cramfs_open_options *given, struct cramfs_image *image,
                             struct cramfs_diags *diags)
{
    struct cramfs_open_options options;
    options_copy(&options, sizeof(options), given);
    struct file_window window = {.bytes = bytes, .length = size, .file_size = size};
    return open_window(&window, &options, image, diags);
}
