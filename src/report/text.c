#include "report/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

const char *text_entry_path(const struct cramfs_survey *survey, uint32_t entry,
                            char to[TEXT_PATH_SIZE])
{
    char path[CRAMFS_PATH_SIZE];
    size_t length = cramfs_entry_path(&survey->entries, entry, path, sizeof(path));
    return cramfs_escape(path, length, to, TEXT_PATH_SIZE);
}

const char *text_flags(uint32_t flags, char to[4])
{
    to[0] = flags & CRAMFS_ELF_READ ? 'r' : '-';
    to[1] = flags & CRAMFS_ELF_WRITE ? 'w' : '-';
    to[2] = flags & CRAMFS_ELF_EXECUTE ? 'x' : '-';
    to[3] = '\0';
    return to;
}

const char *text_order(enum cramfs_order order)
{
    return order == CRAMFS_BIG ? "big" : "little";
}

const char *text_mode(uint16_t mode, char to[11])
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
    return to;
}

const char *text_type(uint16_t mode)
{
    static const char *const names[16] = {
        [S_IFIFO >> 12] = "fifo",      [S_IFCHR >> 12] = "character-device",
        [S_IFDIR >> 12] = "directory", [S_IFBLK >> 12] = "block-device",
        [S_IFREG >> 12] = "file",      [S_IFLNK >> 12] = "link",
        [S_IFSOCK >> 12] = "socket",
    };
    const char *name = names[mode >> 12];
    return name ? name : "none";
}

bool text_is_device(uint16_t mode)
{
    return S_ISCHR(mode) || S_ISBLK(mode);
}

const char *text_size(const struct cramfs_inode *inode, char to[TEXT_SIZE_SIZE])
{
    if (text_is_device(inode->mode))
        snprintf(to, TEXT_SIZE_SIZE, "%" PRIu32 ", %" PRIu32, inode->size >> 8, inode->size & 0xff);
    else
        snprintf(to, TEXT_SIZE_SIZE, "%" PRIu32, inode->size);
    return to;
}

int text_put_target(FILE *out, const struct cramfs_view *view, uint32_t entry,
                    struct block_reader *reader)
{
    uint32_t length = 0; /* also of entries without blocks */
    int error = block_reader_first(reader, view, entry, &length);
    if (error && error != -CRAMFS_ERR_FORMAT)
        return error;
    char shown[TEXT_PATH_SIZE];
    if (length > CRAMFS_PATH_SIZE)
        length = CRAMFS_PATH_SIZE;
    fprintf(out, " -> %s",
            error ? "(unreadable)"
                  : cramfs_escape((const char *)reader->page, length, shown, sizeof(shown)));
    return 0;
}

void text_put_blocks(FILE *out, const struct cramfs_extent *extent)
{
    if (extent->blocks == 1)
        fprintf(out, " block %" PRIu32, extent->first_block);
    if (extent->blocks > 1)
        fprintf(out, " blocks %" PRIu32 "-%" PRIu32, extent->first_block,
                extent->first_block + extent->blocks - 1);
}
