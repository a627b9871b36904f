#include "read/mount/attributes.h"

#include <sys/sysmacros.h>

#include "read/judge.h"

enum { SECTOR = 512 };

/* Devices, fifos and sockets have no data, whatever their inodes say. */
static bool has_data(const struct cramfs_inode *inode)
{
    bool can_have = S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode);
    return can_have && inode->size && inode->offset;
}

bool attributes_known_type(const struct cramfs_inode *inode)
{
    return !judge_inode(inode, CRAMFS_MIN_PAGE_SIZE, CRAMFS_RULE_TYPE);
}

uint32_t attributes_size(const struct cramfs_inode *inode)
{
    return has_data(inode) ? inode->size : 0;
}

static ino_t inode_number(const struct cramfs_entry *entry)
{
    if (has_data(&entry->inode))
        return entry->inode.offset;
    return entry->parent == CRAMFS_NO_ENTRY ? 1 : (ino_t)entry->offset + 1;
}

void attributes_of_entry(const struct cramfs_image *image, const struct cramfs_entries *entries,
                         uint32_t number, struct stat *status)
{
    const struct cramfs_entry *entry = &entries->list[number];
    const struct cramfs_inode *inode = &entry->inode;
    bool device = S_ISCHR(inode->mode) || S_ISBLK(inode->mode);
    *status = (struct stat){
        .st_ino = inode_number(entry),
        .st_mode = inode->mode | (number == 0 ? CRAMFS_ROOT_MODE : 0),
        .st_nlink = 1,
        .st_uid = inode->uid,
        .st_gid = inode->gid,
        .st_rdev = device ? makedev(inode->size >> 8 & 0xff, inode->size & 0xff) : 0,
        .st_size = attributes_size(inode),
        .st_blksize = (blksize_t)image->page_size,
        .st_blocks = ((blkcnt_t)attributes_size(inode) + SECTOR - 1) / SECTOR,
    };
}

void attributes_of_image(const struct cramfs_image *image, struct statvfs *status)
{
    bool counted = image->super.flags & CRAMFS_FLAG_FSID_VERSION_2;
    *status = (struct statvfs){
        .f_bsize = image->page_size,
        .f_frsize = image->page_size,
        .f_blocks = counted ? image->super.blocks : 0,
        .f_files = counted ? image->super.files : 0,
        .f_namemax = CRAMFS_MAX_NAME,
    };
}
