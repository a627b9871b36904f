#include "cramfs/flat.h"

#include <string.h>

#include "format/bytes.h"

/* Where the fields are in the header, and which values the kernel requires. */
enum {
    AT_VERSION = 4,
    AT_DATA_START = 12,
    AT_DATA_END = 16,
    AT_BSS_END = 20,
    AT_STACK_SIZE = 24,
    AT_RELOCATIONS = 32,
    AT_FLAGS = 36,
    VERSION = 4,
    FLAG_RAM = 1,
    FLAG_GZIP = 4,
};

/* The kernel's limit for every length in the header. */
#define MAX_LENGTH ((uint32_t)1 << 28)

static uint32_t field(const unsigned char *header, size_t at)
{
    return load32(CRAMFS_BIG, header + at);
}

static const char *find_fault(const unsigned char *header, size_t size)
{
    uint32_t text_end = field(header, AT_DATA_START);
    uint32_t data_end = field(header, AT_DATA_END);
    uint32_t bss_end = field(header, AT_BSS_END);
    if (field(header, AT_VERSION) != VERSION)
        return "its bFLT version is not 4";
    if (text_end < CRAMFS_FLAT_HEADER_SIZE || data_end < text_end || bss_end < data_end)
        return "the ends of its bFLT segments are not in order";
    if (bss_end >= MAX_LENGTH || field(header, AT_STACK_SIZE) >= MAX_LENGTH ||
        field(header, AT_RELOCATIONS) >= MAX_LENGTH)
        return "a length in its bFLT header is over the kernel's limit";
    if (text_end > size)
        return "its bFLT text ends after the end of the file";
    return NULL;
}

void cramfs_flat_read(const void *bytes, size_t size, struct cramfs_flat *flat)
{
    static const unsigned char magic[] = {'b', 'F', 'L', 'T'};
    *flat = (struct cramfs_flat){.kind = CRAMFS_FLAT_NONE};
    if (size < sizeof(magic) || memcmp(bytes, magic, sizeof(magic)) != 0)
        return;
    flat->fault =
        size < CRAMFS_FLAT_HEADER_SIZE ? "its bFLT header is cut off" : find_fault(bytes, size);
    if (flat->fault) {
        flat->kind = CRAMFS_FLAT_MALFORMED;
        return;
    }
    flat->text_end = field(bytes, AT_DATA_START);
    flat->kind =
        field(bytes, AT_FLAGS) & (FLAG_RAM | FLAG_GZIP) ? CRAMFS_FLAT_COPIED : CRAMFS_FLAT_MAPPED;
}
