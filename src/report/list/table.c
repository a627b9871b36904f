#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text/glyph.h"
#include "cramfs/device_table.h"
#include "report/manifest/emit.h"

/* The room that the other fields of a line can take. */
enum { FIELDS_SIZE = 64 };

static char type_letter(uint16_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return 'f';
    case S_IFDIR:
        return 'd';
    case S_IFLNK:
        return 'l';
    case S_IFCHR:
        return 'c';
    case S_IFBLK:
        return 'b';
    case S_IFIFO:
        return 'p';
    default:
        return '\0';
    }
}

/*
 * A table has no escapes. Format characters stay: mkfs programs read the file, and need the bytes.
 */
static bool holds_controls(const char *path, size_t length)
{
    size_t taken;
    for (size_t i = 0; i < length; i += taken) {
        if (glyph_at(path + i, length - i, &taken) == GLYPH_CONTROL)
            return true;
    }
    return false;
}

static int put_line(struct emit *emit, void *context)
{
    FILE *out = context;
    const struct cramfs_inode *inode = emit->inode;
    unsigned mode = inode->mode & 07777u;
    char type = type_letter(inode->mode);
    if (!type)
        return emit_lose(emit, S_ISSOCK(inode->mode) ? EMIT_SOCKET : EMIT_TYPE);
    if (emit->path[strcspn(emit->path, " \t\r\n\v\f")])
        return emit_lose(emit, EMIT_BLANKS);
    if (holds_controls(emit->path, emit->path_length))
        return emit_lose(emit, EMIT_CONTROLS);
    if (emit->path_length + FIELDS_SIZE > CRAMFS_DEVICE_LINE_SIZE)
        return emit_lose(emit, EMIT_LONG_PATH);
    if (type == 'l' && mode != 0777)
        return emit_lose(emit, EMIT_LINK_MODE);
    if (cramfs_view_damaged(emit->view, emit->entry))
        fputs("# damaged:\n", out);
    fprintf(out, "/%s\t%c\t%o\t%u\t%u\t", emit->path, type, mode, inode->uid, inode->gid);
    if (type == 'c' || type == 'b')
        fprintf(out, "%" PRIu32 "\t%" PRIu32 "\t-\t-\t-\n", inode->size >> 8, inode->size & 0xff);
    else
        fputs("-\t-\t-\t-\t-\n", out);
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}

int cramfs_print_device_table(FILE *out, const struct cramfs_view *view, struct cramfs_diags *diags)
{
    fputs("# name\ttype\tmode\tuid\tgid\tmajor\tminor\tstart\tinc\tcount\n", out);
    int error = emit_tree(view, diags, put_line, out);
    return error ? error : ferror(out) ? -CRAMFS_ERR_IO : 0;
}
