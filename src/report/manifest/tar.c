/*
 * An image's tree as a tar, through libarchive.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "read/extract/limit.h"
#include "report/manifest/emit.h"
#include "report/text.h"

struct tarring {
    struct archive *archive;
    struct archive_entry *entry;
    char *path; /* room for one, which is too much for a small stack */
};

/* Before each path. */
static const char here[] = "./";
enum { PATH_ROOM = CRAMFS_MANIFEST_PATH_SIZE + sizeof(here) };

/* libarchive reports only that writing failed; the errno of standard output is lost. */
static int put_data(const struct tarring *tarring, const void *bytes, size_t length)
{
    return archive_write_data(tarring->archive, bytes, length) == (la_ssize_t)length
               ? 0
               : -CRAMFS_ERR_IO;
}

static int put_blocks(const struct tarring *tarring, struct emit *emit)
{
    const struct cramfs_image *image = emit->view->image;
    struct cramfs_table table = cramfs_image_table(image, emit->inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    bool followed = cramfs_survey_has_blocks(emit->view->survey, emit->entry);
    bool lost = !followed && blocks;
    for (uint32_t i = 0; i < blocks; i++) {
        uint32_t length;
        int error = block_reader_block(emit->reader, image, &table, i, &length);
        if (error == -CRAMFS_ERR_MEMORY)
            return error;
        if (error || !followed) {
            lost = true;
            memset(emit->reader->page, 0, length);
        }
        error = put_data(tarring, emit->reader->page, length);
        if (error)
            return error;
    }
    return lost ? emit_lose(emit, EMIT_BLOCKS) : 0;
}

/*
 * With "./" before it a name cannot be taken for an option, and the root has a name. An entry
 * without a time gets that of the epoch. A time is not set, since that takes a time_t, and on a
 * host of 32 bits libarchive's may differ from ours.
 */
static void set_status(const struct tarring *tarring, const struct emit *emit)
{
    const struct cramfs_inode *inode = emit->inode;
    struct archive_entry *entry = tarring->entry;
    memcpy(tarring->path, here, strlen(here));
    memcpy(tarring->path + strlen(here), emit->path, emit->path_length + 1);
    archive_entry_clear(entry);
    archive_entry_set_pathname(entry, tarring->path);
    archive_entry_set_mode(entry, inode->mode);
    archive_entry_set_uid(entry, inode->uid);
    archive_entry_set_gid(entry, inode->gid);
    archive_entry_set_size(entry, S_ISREG(inode->mode) ? inode->size : 0);
    if (text_is_device(inode->mode)) {
        archive_entry_set_rdevmajor(entry, inode->size >> 8);
        archive_entry_set_rdevminor(entry, inode->size & 0xff);
    }
}

static int put_entry(struct emit *emit, void *context)
{
    const struct tarring *tarring = context;
    uint16_t mode = emit->inode->mode;
    if (S_ISSOCK(mode))
        return emit_lose(emit, EMIT_SOCKET);
    if (!(S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISFIFO(mode) ||
          text_is_device(mode)))
        return emit_lose(emit, EMIT_TYPE);
    set_status(tarring, emit);
    if (S_ISLNK(mode)) {
        uint32_t length;
        int error = emit_target(emit, &length);
        if (error)
            return error == -CRAMFS_ERR_FORMAT ? emit_lose(emit, EMIT_TARGET) : error;
        archive_entry_set_symlink(tarring->entry, (const char *)emit->reader->page);
    }
    /* The one warning is that a name is not UTF-8; its bytes are written unchanged. */
    if (archive_write_header(tarring->archive, tarring->entry) < ARCHIVE_WARN)
        return -CRAMFS_ERR_IO;
    return S_ISREG(mode) ? put_blocks(tarring, emit) : 0;
}

static int write_tree(FILE *out, const struct cramfs_view *view, struct cramfs_diags *diags)
{
    struct tarring tarring = {archive_write_new(), archive_entry_new(), malloc(PATH_ROOM)};
    int error = -CRAMFS_ERR_MEMORY;
    if (tarring.archive && tarring.entry && tarring.path &&
        archive_write_set_format_pax_restricted(tarring.archive) == ARCHIVE_OK &&
        archive_write_open_FILE(tarring.archive, out) == ARCHIVE_OK) {
        error = emit_tree(view, diags, put_entry, &tarring);
        if (archive_write_close(tarring.archive) != ARCHIVE_OK && error != -CRAMFS_ERR_MEMORY)
            error = -CRAMFS_ERR_IO;
    }
    free(tarring.path);
    archive_entry_free(tarring.entry);
    archive_write_free(tarring.archive);
    return error;
}

int cramfs_write_tar(FILE *out, const struct cramfs_view *view, uint64_t max_bytes,
                     struct cramfs_diags *diags)
{
    int error = extract_limit_check(view->survey, NULL, max_bytes, diags);
    if (error)
        return error;
    /* Names in UTF-8 are marked as UTF-8, whatever the locale (see tree/archive/archive.c). */
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    error = write_tree(out, view, diags);
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    return error;
}
