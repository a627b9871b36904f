#include "subject.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 300, SHIFTED_FLAG = 0x400 };

/* An entry while its directory is in pieces. */
struct row {
    uint32_t from; /* where it was; 0 when it is new */
    uint32_t fields[6];
    unsigned char name[256];
    uint32_t length, padded;
};

struct rows {
    struct row row[MOST_ROWS + 8];
    uint32_t count;
};

static void load_rows(const struct subject *subject, const struct site *directory,
                      struct rows *rows)
{
    uint32_t at = get_field(subject, directory->at, OFFSET) * 4;
    uint32_t end = at + get_field(subject, directory->at, SIZE);
    for (rows->count = 0; at < end && rows->count < MOST_ROWS; rows->count++) {
        struct row *row = &rows->row[rows->count];
        memset(row, 0, sizeof(*row));
        row->from = at;
        for (enum field field = MODE; field <= OFFSET; field++)
            row->fields[field] = get_field(subject, at, field);
        row->padded = row->fields[NAME_LENGTH] * 4;
        if (at + 12 + row->padded > subject->length)
            break;
        memcpy(row->name, subject->bytes + at + 12, row->padded);
        for (row->length = row->padded; row->length && !row->name[row->length - 1];)
            row->length--;
        at += 12 + row->padded;
    }
}

static void pad(struct row *row, uint32_t more)
{
    row->padded = (row->length + 3) / 4 * 4 + more;
    if (row->padded > MAX_NAME)
        row->padded = MAX_NAME;
}

static void rename_row(struct subject *subject, struct row *row)
{
    static const char *const odd[] = {"/", ".", "..", "", "a/b", "...", "\n", "\033[m"};
    uint32_t kind = chance(subject, 24);
    memset(row->name, 0, sizeof(row->name));
    row->length = kind == 0 ? MAX_NAME : 1 + chance(subject, kind == 1 ? MAX_NAME : 12);
    for (uint32_t i = 0; i < row->length; i++)
        row->name[i] = (unsigned char)(kind == 2   ? 1 + chance(subject, 255)
                                       : kind == 3 ? chance(subject, 256)
                                                   : 'a' + chance(subject, 3));
    if (kind == 4) {
        const char *name = odd[chance(subject, sizeof(odd) / sizeof(*odd))];
        row->length = (uint32_t)strlen(name);
        memset(row->name, 0, sizeof(row->name));
        memcpy(row->name, name, row->length);
    }
    pad(row, 0);
}

/* A name of something that is not there yet: a device, fifo, socket, or something empty. */
static void new_row(struct subject *subject, struct row *row)
{
    static const uint32_t types[] = {0020000, 0060000, 0010000, 0140000, 0100000, 0040000, 0120000};
    memset(row, 0, sizeof(*row));
    uint32_t type = types[chance(subject, one_in(subject, 12) ? 7 : 6)];
    row->fields[MODE] = type | chance(subject, 01000);
    row->fields[UID] = chance(subject, 3);
    if (type == 0020000 || type == 0060000)
        row->fields[SIZE] = chance(subject, one_in(subject, 8) ? 1 << 24 : 1 << 16);
    else if (one_in(subject, 16))
        row->fields[SIZE] = chance(subject, 10000);
    if (one_in(subject, 8))
        row->fields[OFFSET] = chance(subject, (uint32_t)subject->length / 4);
    rename_row(subject, row);
}

static void edit_rows(struct subject *subject, struct rows *rows)
{
    uint32_t at = rows->count ? chance(subject, rows->count) : 0;
    struct row *row = &rows->row[at],
               *other = &rows->row[rows->count ? chance(subject, rows->count) : 0];
    uint32_t edit = rows->count ? chance(subject, 9) : 0;
    bool full = rows->count >= MOST_ROWS;
    if (edit < 2 && !full) {
        new_row(subject, &rows->row[rows->count++]);
    } else if (edit == 2 && !full) { /* a hard link, or twice the same name */
        rows->row[rows->count] = *row;
        rows->row[rows->count].from = 0;
        if (!one_in(subject, 4))
            rename_row(subject, &rows->row[rows->count]);
        rows->count++;
    } else if (edit == 3) {
        pad(row, 4 * (1 + chance(subject, one_in(subject, 4) ? 60 : 2)));
    } else if (edit == 4) {
        struct row kept = *row;
        *row = *other;
        *other = kept;
    } else if (edit == 5 && rows->count > 1) {
        *row = rows->row[--rows->count];
    } else if (edit == 6) { /* one more byte, or one less */
        if (row->length > 1 && one_in(subject, 2))
            row->name[--row->length] = '\0';
        else if (row->length < MAX_NAME)
            row->name[row->length++] = 'a';
        pad(row, 0);
    } else {
        rename_row(subject, row);
    }
}

static int by_name(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    return memcmp(a->name, b->name, MAX_NAME);
}

static void write_rows(struct subject *subject, size_t at, const struct rows *rows)
{
    struct site *moved = calloc(subject->count, sizeof(*moved));
    if (!moved)
        return;
    for (size_t i = 0; i < subject->count; i++)
        moved[i] = subject->sites[i];
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        for (enum field field = MODE; field <= OFFSET; field++)
            put_field(subject, at, field,
                      field == NAME_LENGTH ? row->padded / 4 : row->fields[field]);
        if (at + 12 + row->padded <= subject->length)
            memcpy(subject->bytes + at + 12, row->name, row->padded);
        for (size_t site = 0; row->from && site < subject->count; site++)
            if (subject->sites[site].at == row->from)
                moved[site].at = (uint32_t)at;
        at += 12 + row->padded;
    }
    memcpy(subject->sites, moved, subject->count * sizeof(*moved));
    free(moved);
}

static void put_rows(struct subject *subject, struct site *directory, const struct rows *rows)
{
    uint32_t size = 0;
    for (uint32_t i = 0; i < rows->count; i++)
        size += 12 + rows->row[i].padded;
    size_t at = (size_t)get_field(subject, directory->at, OFFSET) * 4;
    bool is_root = directory == &subject->sites[0];
    if (size > get_field(subject, directory->at, SIZE) || !at || one_in(subject, 4)) {
        at = extend(subject, size, 4);
        if (!at)
            return;
        if (one_in(subject, 6)) /* close to the end: trap 3 */
            subject->keep_length = true;
        else if (one_in(subject, 2))
            extend(subject, 4 * (size_t)chance(subject, 100), 4);
        else
            extend(subject, 300, 4);
        if (is_root && !one_in(subject, 20)) {
            size_t flags = subject->base->super + 8;
            put_word(subject, flags, get_word(subject, flags) | SHIFTED_FLAG);
        }
    }
    write_rows(subject, at, rows);
    put_field(subject, directory->at, SIZE, size);
    put_field(subject, directory->at, OFFSET, size ? (uint32_t)(at / 4) : 0);
}

static struct site *some_directory(struct subject *subject)
{
    for (int tries = 0; tries < 8; tries++) {
        struct site *site = &subject->sites[chance(subject, (uint32_t)subject->count)];
        if ((site->shown->inode.mode & 0170000) == 0040000)
            return site;
    }
    return &subject->sites[0];
}

void change_directory(struct subject *subject)
{
    static struct rows rows; /* the program has one thread */
    struct site *directory = some_directory(subject);
    say_change(subject, "directory");
    load_rows(subject, directory, &rows);
    for (uint32_t i = 1 + (one_in(subject, 2) ? chance(subject, 3) : 0); i; i--)
        edit_rows(subject, &rows);
    if (!one_in(subject, 6))
        qsort(rows.row, rows.count, sizeof(rows.row[0]), by_name);
    put_rows(subject, directory, &rows);
}
