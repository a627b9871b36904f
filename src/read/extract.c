#include "cramfs/extract.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/array.h"
#include "base/io.h"

/* A directory on the way down. Its identity is kept, to be sure of it on the way back up. */
struct level {
    uint32_t entry;
    dev_t device;
    ino_t inode;
};

struct extracting {
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    const struct cramfs_extract_options *options;
    struct cramfs_diags *diags;
    struct cramfs_inflater *inflater;
    unsigned char *page;
    bool *skipped; /* by entry: directories that were not made, so that what is in them is not */
    struct level *levels;
    size_t levels_count;
    size_t levels_capacity;
    int directory; /* open: the innermost level */
    uint64_t devices_left;
    uint64_t set_ids_left;
    uint64_t owners_left;
    int result;
};

static const struct cramfs_entry *entry_at(const struct extracting *extracting, uint32_t number)
{
    return &extracting->survey->entries.list[number];
}

/* Notes a failure of one entry; the others go on. One of the system's counts more than the image's.
 */
static void fail(struct extracting *extracting, enum cramfs_error code, uint32_t number,
                 const char *what, const char *why)
{
    char path[CRAMFS_PATH_SIZE];
    cramfs_entry_path(&extracting->survey->entries, number, path, sizeof(path));
    int error = cramfs_fail(extracting->diags, code, path, "%s: %s", what, why);
    if (extracting->result != -CRAMFS_ERR_IO)
        extracting->result = error;
}

static void fail_system(struct extracting *extracting, uint32_t number, const char *what)
{
    fail(extracting, CRAMFS_ERR_IO, number, what, strerror(errno));
}

/* Everything is made anew, so what exists is another entry of the same directory. */
static void fail_to_create(struct extracting *extracting, uint32_t number)
{
    if (errno == EEXIST)
        fail(extracting, CRAMFS_ERR_FORMAT, number, "not extracted",
             "another entry of this name came before it");
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

/* Owner first: chown clears set-id bits. */
static void set_status(struct extracting *extracting, int file, uint32_t number)
{
    const struct cramfs_inode *inode = &entry_at(extracting, number)->inode;
    if (extracting->options->owners && fchown(file, inode->uid, inode->gid) != 0)
        fail_system(extracting, number, "cannot set the owner");
    if (fchmod(file, permissions(extracting, inode)) != 0)
        fail_system(extracting, number, "cannot set the permissions");
}

/* Holes stay holes: only blocks with bytes are written, and the size is set at the end. */
static void write_blocks(struct extracting *extracting, int file, uint32_t number)
{
    const struct cramfs_inode *inode = &entry_at(extracting, number)->inode;
    struct cramfs_table table = cramfs_image_table(extracting->image, inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    for (uint32_t i = 0; i < blocks; i++) {
        struct cramfs_block block;
        cramfs_block_locate(&table, i, &block);
        if (!block.fault && block.kind == CRAMFS_BLOCK_HOLE)
            continue;
        if (cramfs_image_read_block(extracting->image, &block, extracting->inflater,
                                    extracting->page, NULL) != 0) {
            fail(extracting, CRAMFS_ERR_FORMAT, number, "cannot read a block",
                 "it does not inflate, or lies outside the image; it is left a hole");
            continue;
        }
        if (!io_write_at(file, extracting->page, block.file_bytes, (uint64_t)i * table.page_size)) {
            fail_system(extracting, number, "cannot write");
            return;
        }
    }
    if (ftruncate(file, inode->size) != 0)
        fail_system(extracting, number, "cannot set the size");
}

static void make_file(struct extracting *extracting, uint32_t number, const char *name)
{
    int file = openat(extracting->directory, name,
                      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) {
        fail_to_create(extracting, number);
        return;
    }
    if (cramfs_survey_has_blocks(extracting->survey, number))
        write_blocks(extracting, file, number);
    set_status(extracting, file, number);
    if (close(file) != 0)
        fail_system(extracting, number, "cannot write");
}

static void make_link(struct extracting *extracting, uint32_t number, const char *name)
{
    const struct cramfs_inode *inode = &entry_at(extracting, number)->inode;
    unsigned char *target;
    if (!cramfs_survey_has_blocks(extracting->survey, number) ||
        cramfs_image_read_file(extracting->image, inode, extracting->inflater, &target) != 0) {
        fail(extracting, CRAMFS_ERR_FORMAT, number, "cannot read the link",
             "its block is not sound");
        return;
    }
    if (strlen((const char *)target) != inode->size)
        fail(extracting, CRAMFS_ERR_FORMAT, number, "cannot make the link",
             "its target holds a NUL");
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
    /* An open file could not set these without blocking or side effects; names can. */
    mode_t mode = (inode->mode & S_IFMT) | permissions(extracting, inode);
    if (mknodat(extracting->directory, name, (inode->mode & S_IFMT) | 0600,
                makedev(inode->size >> 8 & 0xff, inode->size & 0xff)) != 0)
        fail_to_create(extracting, number);
    else if (extracting->options->owners && fchownat(extracting->directory, name, inode->uid,
                                                     inode->gid, AT_SYMLINK_NOFOLLOW) != 0)
        fail_system(extracting, number, "cannot set the owner");
    else if (fchmodat(extracting->directory, name, mode & 07777, 0) != 0)
        fail_system(extracting, number, "cannot set the permissions");
}

/* Steps into a directory that has just been made, or is the one to extract to. */
static bool push_level(struct extracting *extracting, uint32_t number, int directory)
{
    struct stat status;
    if (fstat(directory, &status) != 0 || !ARRAY_GROW(extracting, levels)) {
        close(directory);
        return false;
    }
    if (extracting->directory >= 0)
        close(extracting->directory);
    extracting->directory = directory;
    extracting->levels[extracting->levels_count++] =
        (struct level){number, status.st_dev, status.st_ino};
    return true;
}

static void make_directory(struct extracting *extracting, uint32_t number, const char *name)
{
    int made = mkdirat(extracting->directory, name, 0700);
    int directory = made == 0 ? openat(extracting->directory, name,
                                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                              : -1;
    if (directory < 0 || !push_level(extracting, number, directory)) {
        fail_to_create(extracting, number);
        extracting->skipped[number] = true;
    }
}

/*
 * Leaves the innermost directory, now that it is filled and may lose its write permission. ".." is
 * followed only to where we came from, should someone have moved it meanwhile.
 */
static bool pop_level(struct extracting *extracting)
{
    uint32_t number = extracting->levels[--extracting->levels_count].entry;
    int parent = -1;
    if (extracting->levels_count) {
        const struct level *above = &extracting->levels[extracting->levels_count - 1];
        struct stat status;
        parent = openat(extracting->directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (parent < 0 || fstat(parent, &status) != 0 || status.st_dev != above->device ||
            status.st_ino != above->inode) {
            fail(extracting, CRAMFS_ERR_IO, number, "cannot go back to the directory above",
                 "it was moved while extracting");
            if (parent >= 0)
                close(parent);
            return false;
        }
    }
    set_status(extracting, extracting->directory, number);
    close(extracting->directory);
    extracting->directory = parent;
    return true;
}

static bool name_is_sound(const struct cramfs_entry *entry)
{
    const char *name = entry->name;
    size_t length = entry->name_bytes;
    bool dots = (length == 1 && name[0] == '.') || (length == 2 && memcmp(name, "..", 2) == 0);
    return length && !dots && !memchr(name, '/', length) && !memchr(name, '\0', length);
}

static void make_entry(struct extracting *extracting, uint32_t number)
{
    const struct cramfs_entry *entry = entry_at(extracting, number);
    bool foreign = entry->inode.uid != geteuid() || entry->inode.gid != getegid();
    extracting->owners_left += foreign && !extracting->options->owners;
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
    default:
        fail(extracting, CRAMFS_ERR_FORMAT, number, "not extracted", "it has no type");
    }
}

/* Everything that an entry needs to have somewhere to be. Returns false when it has not. */
static bool reach_parent(struct extracting *extracting, uint32_t number)
{
    const struct cramfs_entry *entry = entry_at(extracting, number);
    if (extracting->skipped[entry->parent]) {
        extracting->skipped[number] = true;
        return true;
    }
    while (extracting->levels[extracting->levels_count - 1].entry != entry->parent) {
        if (!pop_level(extracting))
            return false;
    }
    return true;
}

static void extract_entries(struct extracting *extracting)
{
    bool sound = true;
    for (uint32_t i = 1; sound && i < extracting->survey->entries.list_count; i++) {
        sound = reach_parent(extracting, i);
        if (!sound || extracting->skipped[i])
            continue;
        if (name_is_sound(entry_at(extracting, i))) {
            make_entry(extracting, i);
        } else {
            fail(extracting, CRAMFS_ERR_FORMAT, i, "not extracted", "no file can have such a name");
            extracting->skipped[i] = true;
        }
    }
    while (sound && extracting->levels_count)
        sound = pop_level(extracting);
}

/* Extraction starts in an empty directory, so that nothing that stands there can get in the way. */
static int open_directory(const char *path, struct cramfs_diags *diags)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot create the directory: %s",
                           strerror(errno));
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = directory < 0 ? NULL : fdopendir(dup(directory));
    if (!stream) {
        int error = cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot open the directory: %s",
                                strerror(errno));
        if (directory >= 0)
            close(directory);
        return error;
    }
    bool empty = true;
    for (const struct dirent *entry; empty && (entry = readdir(stream));)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(stream);
    if (empty)
        return directory;
    close(directory);
    return cramfs_fail(diags, CRAMFS_ERR_IO, path,
                       "the directory is not empty; name a new or an empty one");
}

static int check_size(const struct extracting *extracting)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < extracting->survey->entries.list_count; i++) {
        const struct cramfs_inode *inode = &entry_at(extracting, i)->inode;
        if (S_ISREG(inode->mode))
            total += inode->size;
    }
    if (total <= extracting->options->max_bytes)
        return 0;
    return cramfs_fail(extracting->diags, CRAMFS_ERR_LIMIT, NULL,
                       "the files have %" PRIu64 " bytes in all, over the limit of %" PRIu64
                       "; raise it with --max-extract",
                       total, extracting->options->max_bytes);
}

static void note_what_is_left(const struct extracting *extracting)
{
    if (extracting->devices_left)
        cramfs_report(extracting->diags, CRAMFS_NOTE, CRAMFS_ERR_IO, NULL,
                      "%" PRIu64 " device nodes not extracted; --privileged makes them",
                      extracting->devices_left);
    if (extracting->set_ids_left)
        cramfs_report(extracting->diags, CRAMFS_NOTE, CRAMFS_ERR_IO, NULL,
                      "%" PRIu64 " set-id bits not set; --privileged sets them",
                      extracting->set_ids_left);
    if (extracting->owners_left)
        cramfs_report(extracting->diags, CRAMFS_NOTE, CRAMFS_ERR_IO, NULL,
                      "%" PRIu64 " owners not set; only root can", extracting->owners_left);
}

static int run(struct extracting *extracting, const char *path)
{
    extracting->inflater = cramfs_inflater_create();
    extracting->page = malloc(extracting->image->page_size);
    extracting->skipped =
        calloc(extracting->survey->entries.list_count, sizeof(*extracting->skipped));
    if (!extracting->inflater || !extracting->page || !extracting->skipped)
        return cramfs_fail_memory(extracting->diags);
    int error = check_size(extracting);
    if (error)
        return error;
    int directory = open_directory(path, extracting->diags);
    if (directory < 0)
        return directory;
    if (!push_level(extracting, 0, directory))
        return cramfs_fail_memory(extracting->diags);
    extract_entries(extracting);
    note_what_is_left(extracting);
    return extracting->result;
}

int cramfs_extract(const struct cramfs_image *image, const struct cramfs_survey *survey,
                   const char *directory, const struct cramfs_extract_options *options,
                   struct cramfs_diags *diags)
{
    struct extracting extracting = {
        .image = image, .survey = survey, .options = options, .diags = diags, .directory = -1};
    int error = run(&extracting, directory);
    if (extracting.directory >= 0)
        close(extracting.directory);
    cramfs_inflater_free(extracting.inflater);
    free(extracting.page);
    free(extracting.skipped);
    free(extracting.levels);
    return error;
}
