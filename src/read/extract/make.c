#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "read/extract/extracting.h"
#include "read/extract/failures.h"
#include "read/extract/permissions.h"
#include "read/extract/write_files.h"
#include "read/judge.h"

static const struct cramfs_entry *entry_at(const struct extracting *extracting, uint32_t number)
{
    return &extracting->survey->entries.list[number];
}

/*
 * Removes the name from the directory, if replacing was asked for. The target of a link, and other
 * names of a file, stay. If the name cannot be removed, making the new file fails, and that is
 * reported.
 */
static void clear_way(const struct extracting *extracting, const char *name)
{
    if (extracting->options->force)
        unlinkat(extracting->directory, name, 0);
}

static void fail_to_create(struct extracting *extracting, uint32_t number)
{
    if (errno == EEXIST && extracting->options->force)
        fail(extracting, CRAMFS_ERR_IO, number, "cannot create", "a directory has the same name");
    else
        fail_system(extracting, number, "cannot create");
}

static mode_t permissions(struct extracting *extracting, const struct cramfs_inode *inode)
{
    mode_t mode = inode->mode & 07777;
    if (extracting->options->privileged || !(mode & (S_ISUID | S_ISGID)))
        return mode;
    extracting->set_ids_left++;
    return mode & ~(mode_t)(S_ISUID | S_ISGID);
}

/* Owner first: chown(2) clears set-id bits. */
void set_status(struct extracting *extracting, int directory, uint32_t number)
{
    const struct cramfs_inode *inode = &entry_at(extracting, number)->inode;
    if (extracting->options->owners && fchown(directory, inode->uid, inode->gid) != 0)
        fail_system(extracting, number, "cannot set the owner");
    if (fchmod(directory, permissions(extracting, inode)) != 0)
        fail_system(extracting, number, "cannot set the permissions");
}

static void make_file(struct extracting *extracting, uint32_t number, const char *name)
{
    clear_way(extracting, name);
    int file = openat(extracting->directory, name,
                      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) {
        fail_to_create(extracting, number);
        return;
    }
    const struct cramfs_inode *inode = &entry_at(extracting, number)->inode;
    if (inode->size && !cramfs_survey_has_blocks(extracting->survey, number))
        fail(extracting, CRAMFS_ERR_FORMAT, number, "cannot read the file",
             "its block pointers are damaged; the file stays empty");
    file_writer_add(extracting->writer, number, file, permissions(extracting, inode));
}

static void make_link(struct extracting *extracting, uint32_t number, const char *name)
{
    const struct cramfs_inode *inode = &entry_at(extracting, number)->inode;
    unsigned char *target;
    int error = -CRAMFS_ERR_FORMAT;
    if (cramfs_survey_has_blocks(extracting->survey, number))
        error = cramfs_image_read_file(extracting->image, inode, extracting->inflater, &target);
    if (error == -CRAMFS_ERR_MEMORY)
        fail(extracting, CRAMFS_ERR_MEMORY, number, "cannot read the link", "out of memory");
    else if (error)
        fail(extracting, CRAMFS_ERR_FORMAT, number, "cannot read the link", "its block is damaged");
    if (error)
        return;
    clear_way(extracting, name);
    if (judge_target_cut(inode->size, judge_text_length(target, inode->size)))
        fail(extracting, CRAMFS_ERR_FORMAT, number, "cannot make the link",
             "its target contains a NUL byte");
    else if (symlinkat((const char *)target, extracting->directory, name) != 0)
        fail_to_create(extracting, number);
    else if (extracting->options->owners && fchownat(extracting->directory, name, inode->uid,
                                                     inode->gid, AT_SYMLINK_NOFOLLOW) != 0)
        fail_system(extracting, number, "cannot set the owner");
    free(target);
}

static void make_special(struct extracting *extracting, uint32_t number, const char *name)
{
    const struct cramfs_inode *inode = &entry_at(extracting, number)->inode;
    bool device = S_ISCHR(inode->mode) || S_ISBLK(inode->mode);
    if (device && !extracting->options->privileged) {
        extracting->devices_left++;
        return;
    }
    clear_way(extracting, name);
    /* Opening these could block or have side effects, so their names are used. */
    mode_t mode = (inode->mode & S_IFMT) | permissions(extracting, inode);
    if (mknodat(extracting->directory, name, (mode & S_IFMT) | 0600,
                makedev(inode->size >> 8 & 0xff, inode->size & 0xff)) != 0)
        fail_to_create(extracting, number);
    else if (extracting->options->owners && fchownat(extracting->directory, name, inode->uid,
                                                     inode->gid, AT_SYMLINK_NOFOLLOW) != 0)
        fail_system(extracting, number, "cannot set the owner");
    else if (set_permissions_at(extracting->directory, name, mode & 07777) != 0)
        fail_system(extracting, number, "cannot set the permissions");
}

/*
 * Makes a directory. With options->force, opens an existing directory instead, and lets its owner
 * write until set_status(); a link or file of that name is replaced by a directory.
 */
static int open_or_make(const struct extracting *extracting, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int made = mkdirat(extracting->directory, name, 0700);
    if (made != 0 && (errno != EEXIST || !extracting->options->force))
        return -1;
    int directory = openat(extracting->directory, name, flags);
    if (made != 0 && directory >= 0) {
        struct stat status;
        if (fstat(directory, &status) == 0 && ~status.st_mode & 0700)
            fchmod(directory, 0700); /* set_status() sets the final mode */
    } else if (made != 0 && (errno == ENOTDIR || errno == ELOOP)) {
        clear_way(extracting, name);
        if (mkdirat(extracting->directory, name, 0700) == 0)
            directory = openat(extracting->directory, name, flags);
    }
    return directory;
}

static void make_directory(struct extracting *extracting, uint32_t number, const char *name)
{
    if (!entry_at(extracting, number)->walked)
        fail(extracting, CRAMFS_ERR_FORMAT, number, "cannot read the directory",
             "its entries are damaged; the directory stays empty");
    int directory = open_or_make(extracting, name);
    if (directory < 0 || !push_level(extracting, number, directory)) {
        fail_system(extracting, number, "cannot create");
        extracting->skipped[number] = true;
    }
}

void make_entry(struct extracting *extracting, uint32_t number)
{
    const struct cramfs_entry *entry = entry_at(extracting, number);
    bool foreign = entry->inode.uid != geteuid() || entry->inode.gid != getegid();
    extracting->owners_left += foreign && !extracting->options->owners;
    enum cramfs_rule broken = judge_inode_all(&entry->inode, extracting->image->page_size);
    if (broken != CRAMFS_RULES_COUNT) {
        fail(extracting, CRAMFS_ERR_FORMAT, number, "not extracted",
             cramfs_rule_info(broken)->text);
        extracting->skipped[number] = true;
        return;
    }
    char name[CRAMFS_MAX_NAME + 1] = {0};
    memcpy(name, entry->name, entry->name_bytes);
    switch (entry->inode.mode & S_IFMT) {
    case S_IFREG:
        make_file(extracting, number, name);
        break;
    case S_IFLNK:
        make_link(extracting, number, name);
        break;
    case S_IFDIR:
        make_directory(extracting, number, name);
        break;
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
    case S_IFSOCK:
        make_special(extracting, number, name);
        break;
    default: /* judge_inode_all() refuses all other types */
        break;
    }
}
