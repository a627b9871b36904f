#include <inttypes.h>
#include <sys/stat.h>

#include "report/manifest/emit.h"
#include "report/text.h"

/*
 * Bytes that do not separate words, and do not begin comments, keywords, escapes or globs, are
 * written as they are.
 */
static bool plain(unsigned char c)
{
    return c > ' ' && c < 0x7f && c != '\\' && c != '#' && c != '=' && c != '*' && c != '?' &&
           c != '[' && c != ']';
}

static void put_escaped(FILE *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        size_t run = 0;
        while (i + run < length && plain((unsigned char)bytes[i + run]))
            run++;
        fwrite(bytes + i, 1, run, out);
        i += run;
        if (i < length)
            fprintf(out, "\\%03o", (unsigned char)bytes[i]);
    }
}

static void put_path(FILE *out, const struct emit *emit)
{
    fputs(emit->path_length ? "./" : ".", out);
    put_escaped(out, emit->path, emit->path_length);
}

static const char *type_keyword(uint16_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "file";
    case S_IFDIR:
        return "dir";
    case S_IFLNK:
        return "link";
    case S_IFCHR:
        return "char";
    case S_IFBLK:
        return "block";
    case S_IFIFO:
        return "fifo";
    case S_IFSOCK:
        return "socket";
    default:
        return NULL;
    }
}

static int put_entry(struct emit *emit, void *context)
{
    FILE *out = context;
    const struct cramfs_inode *inode = emit->inode;
    const char *type = type_keyword(inode->mode);
    if (!type)
        return emit_lose(emit, EMIT_TYPE);
    uint32_t target_length = 0;
    if (S_ISLNK(inode->mode)) {
        int error = emit_target(emit, &target_length);
        if (error)
            return error == -CRAMFS_ERR_FORMAT ? emit_lose(emit, EMIT_TARGET) : error;
    }
    if (cramfs_view_damaged(emit->view, emit->entry))
        fputs("# damaged:\n", out);
    put_path(out, emit);
    fprintf(out, " type=%s mode=%04o uid=%u gid=%u", type, inode->mode & 07777u, inode->uid,
            inode->gid);
    if (S_ISREG(inode->mode)) {
        fprintf(out, " size=%" PRIu32 " contents=", inode->size);
        put_path(out, emit);
    } else if (S_ISLNK(inode->mode)) {
        fputs(" link=", out);
        put_escaped(out, (const char *)emit->reader->page, target_length);
    } else if (text_is_device(inode->mode)) {
        fprintf(out, " device=native,%" PRIu32 ",%" PRIu32, inode->size >> 8, inode->size & 0xff);
    }
    fputc('\n', out);
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}

int cramfs_print_mtree(FILE *out, const struct cramfs_view *view, struct cramfs_diags *diags)
{
    fputs("#mtree\n", out);
    int error = emit_tree(view, diags, put_entry, out);
    return error ? error : ferror(out) ? -CRAMFS_ERR_IO : 0;
}
