#include "cramfs/listing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/text.h"

static void print_gap(FILE *out, uint64_t begin, uint64_t end)
{
    if (begin < end)
        fprintf(out, "%10" PRIu64 " %10" PRIu64 " gap\n", begin, end - begin);
}

static void print_extent(FILE *out, const struct cramfs_extent *extent,
                         cramfs_owner_path_fn *owner_path, const void *context)
{
    char path[CRAMFS_PATH_SIZE];
    char shown[TEXT_PATH_SIZE];
    size_t length = owner_path(context, extent->owner, path);
    fprintf(out, "%10" PRIu64 " %10" PRIu64 " %-10s %s", extent->offset, extent->length,
            cramfs_extent_kind_name(extent->kind),
            cramfs_escape(path, length, shown, sizeof(shown)));
    if (extent->blocks == 1)
        fprintf(out, " block %" PRIu32, extent->first_block);
    if (extent->blocks > 1)
        fprintf(out, " blocks %" PRIu32 "-%" PRIu32, extent->first_block,
                extent->first_block + extent->blocks - 1);
    fputc('\n', out);
}

int cramfs_print_extents(FILE *out, const struct cramfs_extents *extents, uint64_t image_size,
                         cramfs_owner_path_fn *owner_path, const void *context)
{
    uint64_t reach = 0;
    fprintf(out, "%10s %10s %-10s %s\n", "offset", "length", "kind", "owner");
    for (size_t i = 0; i < extents->list_count; i++) {
        const struct cramfs_extent *extent = &extents->list[i];
        print_gap(out, reach, extent->offset);
        print_extent(out, extent, owner_path, context);
        if (extent->offset + extent->length > reach)
            reach = extent->offset + extent->length;
    }
    print_gap(out, reach, image_size);
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}

size_t cramfs_survey_owner_path(const void *context, uint32_t owner, char *to)
{
    const struct cramfs_survey *survey = context;
    return cramfs_entry_path(&survey->entries, owner, to, CRAMFS_PATH_SIZE);
}

static void print_flags(FILE *out, uint32_t flags)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } names[] = {
        {CRAMFS_FLAG_FSID_VERSION_2, "FSID_VERSION_2"},
        {CRAMFS_FLAG_SORTED_DIRS, "SORTED_DIRS"},
        {CRAMFS_FLAG_HOLES, "HOLES"},
        {CRAMFS_FLAG_WRONG_SIGNATURE, "WRONG_SIGNATURE"},
        {CRAMFS_FLAG_SHIFTED_ROOT_OFFSET, "SHIFTED_ROOT_OFFSET"},
        {CRAMFS_FLAG_EXT_BLOCK_POINTERS, "EXT_BLOCK_POINTERS"},
    };
    fprintf(out, "flags:    0x%08" PRIx32, flags);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (flags & names[i].flag)
            fprintf(out, " %s", names[i].name);
    }
    fputc('\n', out);
}

int cramfs_print_super(FILE *out, const struct cramfs_image *image)
{
    const struct cramfs_super *super = &image->super;
    char name[4 * sizeof(super->name) + 1];
    cramfs_escape(super->name, strnlen(super->name, sizeof(super->name)), name, sizeof(name));
    fprintf(out, "offset:   %" PRIu32 "\n", image->super_offset);
    fprintf(out, "endian:   %s\n", text_order(image->order));
    fprintf(out, "size:     %" PRIu32 "\n", super->size);
    print_flags(out, super->flags);
    fprintf(out, "crc:      0x%08" PRIx32 "\n", super->crc);
    fprintf(out, "edition:  %" PRIu32 "\n", super->edition);
    fprintf(out, "blocks:   %" PRIu32 "\n", super->blocks);
    fprintf(out, "files:    %" PRIu32 "\n", super->files);
    fprintf(out, "name:     %s\n", name);
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}

static void format_mode(uint16_t mode, char to[11])
{
    static const char types[] = "?pc?d?b?-?l?s???";
    static const char bits[] = "rwxrwxrwx";
    to[0] = types[mode >> 12];
    for (unsigned i = 0; i < 9; i++)
        to[1 + i] = mode & (0400u >> i) ? bits[i] : '-';
    if (mode & S_ISUID)
        to[3] = mode & S_IXUSR ? 's' : 'S';
    if (mode & S_ISGID)
        to[6] = mode & S_IXGRP ? 's' : 'S';
    if (mode & S_ISVTX)
        to[9] = mode & S_IXOTH ? 't' : 'T';
    to[10] = '\0';
}

static int print_target(FILE *out, const struct cramfs_image *image,
                        const struct cramfs_inode *inode, struct cramfs_inflater *inflater)
{
    unsigned char *target;
    int error = cramfs_image_read_file(image, inode, inflater, &target);
    if (error == -CRAMFS_ERR_FORMAT) {
        fputs(" -> (unreadable)", out);
        return 0;
    }
    if (error)
        return error;
    size_t length = inode->size < CRAMFS_PATH_SIZE ? inode->size : CRAMFS_PATH_SIZE;
    char shown[TEXT_PATH_SIZE];
    fprintf(out, " -> %s", cramfs_escape((const char *)target, length, shown, sizeof(shown)));
    free(target);
    return 0;
}

static int print_entry(FILE *out, const struct cramfs_image *image,
                       const struct cramfs_survey *survey, uint32_t number,
                       struct cramfs_inflater *inflater)
{
    const struct cramfs_inode *inode = &survey->entries.list[number].inode;
    char mode[11];
    char size[32];
    char path[TEXT_PATH_SIZE];
    format_mode(inode->mode, mode);
    if (S_ISCHR(inode->mode) || S_ISBLK(inode->mode))
        snprintf(size, sizeof(size), "%" PRIu32 ", %" PRIu32, inode->size >> 8, inode->size & 0xff);
    else
        snprintf(size, sizeof(size), "%" PRIu32, inode->size);
    fprintf(out, "%s %5u %5u %8s %10" PRIu32 " %s", mode, inode->uid, inode->gid, size,
            inode->offset, text_entry_path(survey, number, path));
    int error = 0;
    if (S_ISLNK(inode->mode) && cramfs_survey_has_blocks(survey, number))
        error = print_target(out, image, inode, inflater);
    fputc('\n', out);
    return error;
}

int cramfs_print_tree(FILE *out, const struct cramfs_image *image,
                      const struct cramfs_survey *survey)
{
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    int error = inflater ? 0 : -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; !error && i < survey->entries.list_count; i++)
        error = print_entry(out, image, survey, i, inflater);
    cramfs_inflater_free(inflater);
    return error ? error : ferror(out) ? -CRAMFS_ERR_IO : 0;
}
