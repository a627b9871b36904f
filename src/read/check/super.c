#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/zero.h"
#include "read/check/check.h"
#include "read/report_finding.h"

static void check_size(const struct checking *checking)
{
    const struct cramfs_image *image = checking->image;
    uint32_t size = image->super.size;
    struct finding_place place = in_image(image->super_offset);
    if (size > image->file_size)
        report_finding(checking->listener, CRAMFS_RULE_TRUNCATED, place,
                       "the superblock says %" PRIu32 " bytes, and the file has %" PRIu64 " bytes",
                       size, image->file_size);
    else if (size < image->super_offset + CRAMFS_SUPER_SIZE)
        report_finding(checking->listener, CRAMFS_RULE_SUPER_SIZE, place,
                       "the superblock says %" PRIu32
                       " bytes, and the superblock itself ends after that",
                       size);
    else if (size < image->file_size && !image->offset)
        report_finding(checking->listener, CRAMFS_RULE_TRAILING_BYTES, in_image(size),
                       "%" PRIu64 " bytes follow the file system", image->file_size - size);
}

static void check_length(const struct checking *checking)
{
    const struct cramfs_image *image = checking->image;
    /* Not for an image inside a dump: nobody knows where its device ends. */
    if (image->file_size % image->page_size && !image->offset)
        report_finding(checking->listener, CRAMFS_RULE_IMAGE_LENGTH, in_image(image->file_size),
                       "the file has %" PRIu64 " bytes, not a multiple of the page size of %" PRIu32
                       " bytes",
                       image->file_size, image->page_size);
}

static void check_crc(const struct checking *checking)
{
    if (checking->options->crc == CRAMFS_CRC_IS_IGNORED)
        return;
    uint32_t found = cramfs_image_crc(checking->image);
    uint32_t claimed = checking->image->super.crc;
    enum cramfs_finding_severity severity = checking->options->crc == CRAMFS_CRC_IS_HAZARD
                                                ? CRAMFS_FINDING_HAZARD
                                                : CRAMFS_FINDING_ERROR;
    if (found != claimed && found == __builtin_bswap32(claimed))
        report_finding_as(checking->listener, severity, CRAMFS_RULE_CRC,
                          in_image(checking->image->super_offset + CRAMFS_SUPER_CRC_OFFSET),
                          "the superblock says 0x%08" PRIx32
                          ", which is the CRC of the image in the wrong byte order (some vendors' "
                          "tools store it so)",
                          claimed);
    else if (found != claimed)
        report_finding_as(checking->listener, severity, CRAMFS_RULE_CRC,
                          in_image(checking->image->super_offset + CRAMFS_SUPER_CRC_OFFSET),
                          "the superblock says 0x%08" PRIx32
                          ", and the CRC of the image is 0x%08" PRIx32,
                          claimed, found);
}

/*
 * Tools count blocks in different ways: those of all names; those of each inode once; or only
 * blocks with bytes, once for each copy in the image.
 */
static void check_block_count(const struct checking *checking)
{
    const struct cramfs_survey *survey = checking->survey;
    uint64_t most = 0;
    uint64_t least = 0;
    for (uint32_t i = 0; i < survey->entries.list_count; i++) {
        const struct cramfs_inode *inode = &survey->entries.list[i].inode;
        if ((!S_ISREG(inode->mode) && !S_ISLNK(inode->mode)) || !inode->size)
            continue;
        if (!cramfs_survey_has_blocks(survey, i))
            return; /* this error has been reported; no count can be checked */
        most += cramfs_block_count(inode->size, checking->image->page_size);
    }
    for (size_t i = 0; i < survey->extents.list_count; i++)
        least += survey->extents.list[i].blocks;
    uint32_t claimed = checking->image->super.blocks;
    if (claimed < least || claimed > most)
        report_finding(checking->listener, CRAMFS_RULE_BLOCK_COUNT,
                       in_image(checking->image->super_offset),
                       "the superblock says %" PRIu32 " blocks, and the files have %" PRIu64
                       " blocks (%" PRIu64 " without holes and shared blocks)",
                       claimed, most, least);
}

static void check_counts(const struct checking *checking)
{
    uint32_t found = checking->survey->entries.list_count;
    uint32_t claimed = checking->image->super.files;
    if (found != claimed)
        report_finding(
            checking->listener, CRAMFS_RULE_COUNTS, in_image(checking->image->super_offset),
            "the superblock says %" PRIu32 " files, and the image has %" PRIu32, claimed, found);
    check_block_count(checking);
}

static void check_root(const struct checking *checking)
{
    const struct cramfs_super *super = &checking->image->super;
    struct finding_place place = in_entry(0, checking->image->super_offset);
    if (!S_ISDIR(super->root.mode))
        report_finding(checking->listener, CRAMFS_RULE_SUPER_ROOT, place, "the root has mode 0%06o",
                       super->root.mode);
    else if ((super->root.mode & CRAMFS_ROOT_MODE) != CRAMFS_ROOT_MODE)
        report_finding(checking->listener, CRAMFS_RULE_ROOT_MODE, place,
                       "the root has mode 0%06o, and kernels make that 0%06o", super->root.mode,
                       super->root.mode | CRAMFS_ROOT_MODE);
    if (super->root.name_length)
        report_finding(checking->listener, CRAMFS_RULE_ROOT_NAME, place,
                       "the root has a name of %u bytes", super->root.name_length);
    bool beside = super->root.offset == CRAMFS_SUPER_SIZE ||
                  super->root.offset == CRAMFS_BOOT_SIZE + CRAMFS_SUPER_SIZE;
    if (super->root.offset && !beside && !(super->flags & CRAMFS_FLAG_SHIFTED_ROOT_OFFSET))
        report_finding(checking->listener, CRAMFS_RULE_ROOT_OFFSET, place,
                       "the root's entries begin at offset %" PRIu32, super->root.offset);
}

static void check_flags(const struct checking *checking)
{
    uint32_t flags = checking->image->super.flags;
    struct finding_place place = in_image(checking->image->super_offset);
    if (flags & ~CRAMFS_SUPPORTED_FLAGS)
        report_finding(checking->listener, CRAMFS_RULE_SUPER_FLAGS, place,
                       "flags 0x%" PRIx32 " are set", flags & ~CRAMFS_SUPPORTED_FLAGS);
    if (flags & CRAMFS_SUPPORTED_FLAGS & ~CRAMFS_KNOWN_FLAGS)
        report_finding(checking->listener, CRAMFS_RULE_FLAGS_UNKNOWN, place,
                       "flags 0x%" PRIx32 " are set",
                       flags & CRAMFS_SUPPORTED_FLAGS & ~CRAMFS_KNOWN_FLAGS);
    if (flags & CRAMFS_FLAG_EXT_BLOCK_POINTERS && !checking->survey->extended_pointers)
        report_finding(checking->listener, CRAMFS_RULE_EXT_NEEDLESS, place,
                       "the flag EXT_BLOCK_POINTERS is set, and no pointer is direct or stored");
}

/* Fields that no kernel reads. People and other tools read them. */
static void check_words(const struct checking *checking)
{
    const struct cramfs_super *super = &checking->image->super;
    struct finding_place place = in_image(checking->image->super_offset);
    size_t name = strnlen(super->name, sizeof(super->name));
    if (name < sizeof(super->name) &&
        !all_zero((const unsigned char *)super->name + name, sizeof(super->name) - name))
        report_finding(checking->listener, CRAMFS_RULE_SUPER_NAME, place,
                       "bytes other than zero follow the name");
    if (super->future)
        report_finding(checking->listener, CRAMFS_RULE_SUPER_FUTURE, place,
                       "the reserved field is 0x%" PRIx32, super->future);
    if (memcmp(super->signature, CRAMFS_SIGNATURE, sizeof(super->signature)) != 0 &&
        !(super->flags & CRAMFS_FLAG_WRONG_SIGNATURE))
        report_finding(checking->listener, CRAMFS_RULE_SIGNATURE, place,
                       "the signature is different");
}

int check_super(const struct checking *checking)
{
    const struct cramfs_super *super = &checking->image->super;
    check_flags(checking);
    check_words(checking);
    check_root(checking);
    check_length(checking);
    if (super->flags & CRAMFS_FLAG_FSID_VERSION_2) {
        check_size(checking);
        check_crc(checking);
        check_counts(checking);
    } else {
        report_finding(checking->listener, CRAMFS_RULE_OLD_FORMAT,
                       in_image(checking->image->super_offset),
                       "the flag FSID_VERSION_2 is not set");
    }
    return 0;
}
