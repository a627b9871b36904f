#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "read/check.h"
#include "read/tell.h"

static void check_size(const struct checking *checking)
{
    const struct cramfs_image *image = checking->image;
    uint32_t size = image->super.size;
    struct place place = in_image(image->super_offset);
    if (size > image->file_size)
        tell(checking->listener, CRAMFS_RULE_SUPER_SIZE, place,
             "the superblock counts %" PRIu32 " bytes, the file has %" PRIu64, size,
             image->file_size);
    else if (size < image->super_offset + CRAMFS_SUPER_SIZE)
        tell(checking->listener, CRAMFS_RULE_SUPER_SIZE, place,
             "the superblock counts %" PRIu32 " bytes, less than its own end", size);
    else if (size < image->file_size && !image->offset)
        tell(checking->listener, CRAMFS_RULE_TRAILING_BYTES, in_image(size),
             "%" PRIu64 " bytes follow the file system", image->file_size - size);
    /* In a larger dump, where the device of the image ends is not known. */
    if (image->file_size % image->page_size && !image->offset)
        tell(checking->listener, CRAMFS_RULE_IMAGE_LENGTH, in_image(image->file_size),
             "the file's %" PRIu64 " bytes are no multiple of %" PRIu32, image->file_size,
             image->page_size);
}

static void check_crc(const struct checking *checking)
{
    uint32_t found = cramfs_image_crc(checking->image);
    uint32_t claimed = checking->image->super.crc;
    if (found != claimed)
        tell(checking->listener, CRAMFS_RULE_CRC,
             in_image(checking->image->super_offset + CRAMFS_SUPER_CRC_OFFSET),
             "the superblock says 0x%08" PRIx32 ", the image has 0x%08" PRIx32, claimed, found);
}

static void check_counts(const struct checking *checking)
{
    uint32_t found = checking->survey->entries.list_count;
    uint32_t claimed = checking->image->super.files;
    if (found != claimed)
        tell(checking->listener, CRAMFS_RULE_COUNTS, in_image(checking->image->super_offset),
             "the superblock counts %" PRIu32 " files, there are %" PRIu32, claimed, found);
}

static void check_root(const struct checking *checking)
{
    const struct cramfs_super *super = &checking->image->super;
    struct place place = in_entry(0, checking->image->super_offset);
    if (!S_ISDIR(super->root.mode))
        tell(checking->listener, CRAMFS_RULE_SUPER_ROOT, place, "the root has mode 0%06o",
             super->root.mode);
    bool beside = super->root.offset == CRAMFS_SUPER_SIZE ||
                  super->root.offset == CRAMFS_BOOT_SIZE + CRAMFS_SUPER_SIZE;
    if (super->root.offset && !beside && !(super->flags & CRAMFS_FLAG_SHIFTED_ROOT_OFFSET))
        tell(checking->listener, CRAMFS_RULE_ROOT_OFFSET, place,
             "the root's entries stand at %" PRIu32, super->root.offset);
}

int check_super(const struct checking *checking)
{
    const struct cramfs_super *super = &checking->image->super;
    struct place place = in_image(checking->image->super_offset);
    uint32_t unknown = super->flags & ~CRAMFS_SUPPORTED_FLAGS;
    if (unknown)
        tell(checking->listener, CRAMFS_RULE_SUPER_FLAGS, place, "flags 0x%" PRIx32 " are set",
             unknown);
    if (memcmp(super->signature, CRAMFS_SIGNATURE, sizeof(super->signature)) != 0 &&
        !(super->flags & CRAMFS_FLAG_WRONG_SIGNATURE))
        tell(checking->listener, CRAMFS_RULE_SIGNATURE, place, "it is something else");
    check_root(checking);
    if (super->flags & CRAMFS_FLAG_FSID_VERSION_2) {
        check_size(checking);
        check_crc(checking);
        check_counts(checking);
    } else {
        tell(checking->listener, CRAMFS_RULE_OLD_FORMAT, place, "the flag is not set");
    }
    return 0;
}
