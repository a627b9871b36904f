#include "edits.h"

#include <string.h>

#include "cramfs/block.h"
#include "cramfs/format.h"

uint32_t next_number(struct numbers *numbers, uint32_t below)
{
    numbers->state = numbers->state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)numbers->state * below) >> 32);
}

void edit_fill(struct numbers *numbers, unsigned char *bytes, size_t length)
{
    static const unsigned char line[] = "a line of text\n";
    uint32_t kind = next_number(numbers, 4);
    for (size_t i = 0; i < length; i++)
        bytes[i] = kind == 0   ? 0
                   : kind == 1 ? line[i % (sizeof(line) - 1)]
                               : (unsigned char)next_number(numbers, 256);
}

static void change_pages(struct numbers *numbers, uint32_t page_size, unsigned char *bytes,
                         size_t size)
{
    for (uint32_t times = 1 + next_number(numbers, 3); times; times--) {
        size_t page = next_number(numbers, cramfs_block_count(size, page_size)) * (size_t)page_size;
        size_t length = size - page < page_size ? size - page : page_size;
        if (next_number(numbers, 3))
            bytes[page + next_number(numbers, (uint32_t)length)] ^=
                (unsigned char)next_number(numbers, 256);
        else
            edit_fill(numbers, bytes + page, length);
    }
}

size_t edit_growth(struct numbers *numbers, uint32_t page_size)
{
    return next_number(numbers, 2) ? 1 + next_number(numbers, 8)
                                   : 1 + next_number(numbers, 2 * page_size);
}

size_t edit_bytes(struct numbers *numbers, uint32_t page_size, unsigned char *bytes, size_t size)
{
    size_t more = edit_growth(numbers, page_size);
    switch (size ? next_number(numbers, 6) : 0) {
    case 0:
        edit_fill(numbers, bytes + size, more);
        return size + more;
    case 1:
        return next_number(numbers, (uint32_t)size + 1);
    case 2:
        return size > more ? size - more : size;
    case 3: /* the bytes after it come later */
        more = next_number(numbers, 2) ? page_size : more;
        memmove(bytes + more, bytes, size);
        edit_fill(numbers, bytes, more);
        return size + more;
    default:
        change_pages(numbers, page_size, bytes, size);
        return size;
    }
}

void edit_name(struct numbers *numbers, char *name)
{
    size_t length = strlen(name);
    if (length > 2 && next_number(numbers, 2))
        name[length - 1] = '\0';
    else if (length + 5 <= CRAMFS_MAX_NAME)
        strcat(name, next_number(numbers, 2) ? "~" : "later");
}
