/*
 * Images in vendors' own formats, and dumps that hold more than the image: without this check, each
 * would give hundreds of findings with one cause.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "format/bytes.h"
#include "read/check/check.h"
#include "read/judge.h"
#include "read/report_finding.h"

/* The flags of OpenRG, whose blocks are LZMA streams. */
enum { OPENRG_FLAGS = 0xa000 };

/* The inode of some vendors: 12 bytes as everywhere, and one more word. */
enum { LONG_INODE = 16 };

/* Pages of NAND chips, and the spare bytes after each page in dumps with OOB. */
static const struct chip {
    uint32_t page;
    uint32_t spare;
} chips[] = {{512, 16}, {2048, 64}, {2048, 128}, {4096, 128}, {4096, 224}, {4096, 256}};

/*
 * Whether the root's entries are inodes of `length` bytes, each with a name, that fill the root
 * exactly.
 */
static bool root_has_inodes_of(const struct cramfs_image *image, uint32_t length)
{
    const struct cramfs_inode *root = &image->super.root;
    const unsigned char *bytes = cramfs_image_bytes(image, root->offset, root->size);
    uint32_t at = 0;
    while (bytes && root->size - at >= length) {
        struct cramfs_entry entry = {.name = (const char *)bytes + at + length};
        cramfs_inode_decode(image->order, bytes + at, &entry.inode);
        at += length;
        if (judge_inode(&entry.inode, image->page_size, CRAMFS_RULE_TYPE) ||
            entry.inode.name_length > root->size - at)
            return false;
        entry.name_bytes = entry.inode.name_length;
        while (entry.name_bytes && !entry.name[entry.name_bytes - 1])
            entry.name_bytes--;
        if (!judge_name_sound(&entry))
            return false;
        at += entry.inode.name_length;
    }
    return bytes && at && at == root->size;
}

/* Whether the CRC is right once the spare bytes are removed. */
static bool is_dump_of(const struct cramfs_image *image, const struct chip *chip)
{
    const struct cramfs_reader *reader = &image->reader;
    uint32_t size = image->super.size;
    unsigned char page[4096];
    uint32_t crc = 0;
    if (size <= chip->page ||
        align_up(size, chip->page) / chip->page * (chip->page + chip->spare) - chip->spare >
            reader->known_size)
        return false;
    for (uint32_t at = 0; at < size; at += chip->page) {
        size_t length = size - at < chip->page ? size - at : chip->page;
        uint64_t from = (uint64_t)at / chip->page * (chip->page + chip->spare);
        reader->read(reader, from, page, length);
        if (at == 0)
            memset(page + CRAMFS_SUPER_CRC_OFFSET, 0, sizeof(uint32_t));
        crc = cramfs_crc32(crc, page, length);
    }
    return crc == image->super.crc;
}

static const struct chip *find_chip(const struct cramfs_image *image)
{
    /*
     * Cheap conditions first: in nearly every image the CRC is right, or the file ends where the
     * image ends.
     */
    bool may_be = image->super.flags & CRAMFS_FLAG_FSID_VERSION_2 && !image->super_offset &&
                  image->reader.known_size > image->super.size;
    if (!may_be || cramfs_image_crc(image) == image->super.crc)
        return NULL;
    for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
        if (is_dump_of(image, &chips[i]))
            return &chips[i];
    }
    return NULL;
}

bool cramfs_check_vendor(const struct cramfs_image *image, const struct cramfs_listener *listener)
{
    struct finding_place place = in_image(image->super_offset);
    const struct chip *chip = NULL;
    if ((image->super.flags & OPENRG_FLAGS) == OPENRG_FLAGS) {
        report_finding(listener, CRAMFS_RULE_VENDOR_FORMAT, place,
                       "flags 0x%" PRIx32
                       ": its blocks are LZMA streams, as OpenRG writes them; names and inodes can "
                       "be listed, contents and link targets cannot be read",
                       image->super.flags);
        return true;
    }
    if (!root_has_inodes_of(image, CRAMFS_INODE_SIZE) && root_has_inodes_of(image, LONG_INODE)) {
        report_finding(listener, CRAMFS_RULE_VENDOR_FORMAT, place,
                       "its inodes have %d bytes instead of %u; only the superblock can be shown",
                       LONG_INODE, CRAMFS_INODE_SIZE);
        return true;
    }
    chip = find_chip(image);
    if (!chip)
        return false;
    report_finding(listener, CRAMFS_RULE_VENDOR_FORMAT, place,
                   "the file is a dump of NAND flash with %" PRIu32
                   " spare bytes after each %" PRIu32
                   " bytes; dump it again without them (nanddump without --oob); from this file "
                   "only its first page can be listed",
                   chip->spare, chip->page);
    return true;
}
