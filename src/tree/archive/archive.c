/*
 * An archive as the source of a tree: everything that libarchive reads.
 */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cramfs/tree.h"
#include "tree/archive/take.h"
#include "tree/mtree/line.h"
#include "tree/mtree/mtree.h"

enum { READ_BYTES = 1 << 20, MANIFEST_START = 1 << 16, MANIFEST_MOST = 1 << 28 };

/*
 * Passes on what libarchive thinks of an entry that it could read all the same. Of a name that the
 * archive calls UTF-8 and is not, it says that it keeps the bytes: that is all we want of names.
 */
static void pass_on_warning(const struct archive_reading *reading)
{
    const char *text = archive_error_string(reading->archive);
    if (text && !strstr(text, "can't be converted"))
        cramfs_report(reading->diags, CRAMFS_WARNING, CRAMFS_ERR_FORMAT, reading->path, "%s", text);
}

struct text {
    char *bytes; /* with a NUL behind them */
    size_t bytes_count;
    size_t bytes_capacity;
};

/* Reads up to `wanted` bytes more; fewer come at the end. */
static int read_text(struct archive_reading *reading, size_t wanted, struct text *text)
{
    if (!array_reserve(&text->bytes, 1, text->bytes_count, &text->bytes_capacity, wanted + 1))
        return cramfs_fail_memory(reading->diags);
    char *to = text->bytes + text->bytes_count;
    la_ssize_t got = archive_read_data(reading->archive, to, wanted);
    if (got < 0)
        return fail_archive(reading);
    to[got] = '\0';
    text->bytes_count += (size_t)got;
    return 0;
}

static int read_manifest(struct archive_reading *reading, struct text *text)
{
    int error = read_text(reading, MANIFEST_START, text);
    if (!error && !mtree_recognise(text->bytes, text->bytes_count))
        return cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path,
                           "cannot read the archive: Unrecognized archive format");
    for (size_t before = 0; !error && before != text->bytes_count;) {
        before = text->bytes_count;
        error = read_text(reading, READ_BYTES, text);
        if (text->bytes_count > MANIFEST_MOST)
            error =
                cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->path,
                            "the manifest has over %d bytes; split it into several", MANIFEST_MOST);
    }
    return error;
}

/* What no format fits may be a manifest: its beginning tells. */
static int take_manifest(struct archive_reading *reading)
{
    struct text text = {0};
    int error = read_manifest(reading, &text);
    if (!error)
        return mtree_read(reading->tree, reading->path, text.bytes, text.bytes_count,
                          reading->diags);
    free(text.bytes);
    return error;
}

/* All entries that can be taken are, so that all that is wrong is told. */
static int take_entries(struct archive_reading *reading)
{
    int result = 0;
    for (;;) {
        struct archive_entry *entry;
        int status = archive_read_next_header(reading->archive, &entry);
        if (status == ARCHIVE_EOF)
            break;
        if (status < ARCHIVE_WARN)
            return fail_archive(reading);
        if (archive_format(reading->archive) == ARCHIVE_FORMAT_RAW)
            return take_manifest(reading);
        if (status == ARCHIVE_WARN)
            pass_on_warning(reading);
        int error = take_archive_entry(reading, entry);
        if (error && error != -CRAMFS_ERR_FORMAT)
            return error;
        if (error)
            result = error;
    }
    return result;
}

/*
 * All but mtree, which is ours (tree/mtree_line.h tells why): "raw", which takes whatever no other
 * format fits, gives us its text, decompressed.
 */
static void support_formats(struct archive *archive)
{
    archive_read_support_format_7zip(archive);
    archive_read_support_format_ar(archive);
    archive_read_support_format_cab(archive);
    archive_read_support_format_cpio(archive);
    archive_read_support_format_empty(archive);
    archive_read_support_format_iso9660(archive);
    archive_read_support_format_lha(archive);
    archive_read_support_format_rar(archive);
    archive_read_support_format_rar5(archive);
    archive_read_support_format_raw(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_xar(archive);
    archive_read_support_format_zip(archive);
}

static int open_archive(struct archive_reading *reading)
{
    reading->archive = archive_read_new();
    if (!reading->archive)
        return cramfs_fail_memory(reading->diags);
    archive_read_support_filter_all(reading->archive);
    support_formats(reading->archive);
    const char *file = strcmp(reading->path, "-") == 0 ? NULL : reading->path;
    if (archive_read_open_filename(reading->archive, file, READ_BYTES) != ARCHIVE_OK)
        return fail_archive(reading);
    return 0;
}

int cramfs_tree_read_archive(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags)
{
    struct archive_reading reading = {.tree = tree, .path = path, .diags = diags};
    /*
     * libarchive turns names from an archive's character set into that of the locale, and loses
     * those that it does not have. Names are bytes here, and archives that say what theirs are say
     * UTF-8; so that is the locale, for this thread and while this lasts.
     */
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    int error = open_archive(&reading);
    if (!error)
        error = take_entries(&reading);
    archive_read_free(reading.archive);
    free(reading.links);
    hash_index_free(&reading.by_target);
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    return error;
}
