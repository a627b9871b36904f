/*
 * An archive as the source of a tree: everything that libarchive reads.
 */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/tree.h"
#include "tree/archive_take.h"

enum { READ_BYTES = 1 << 20 };

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
 * All but mtree, which libarchive would read with the contents of whatever lies where we happen to
 * be, and "raw", which takes anything for one file.
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
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    return error;
}
