#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "cli/common/guess.h"

/* A longer word is not a mistyped option. */
enum { MOST_LETTERS = 40 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Capitals count as small letters, and "_" as "-". */
static int fold(char letter)
{
    return letter == '_' ? '-' : tolower((unsigned char)letter);
}

static void fill_row(const char *first, size_t i, const char *second, size_t length,
                     size_t rows[3][MOST_LETTERS + 1])
{
    size_t *row = rows[i % 3];
    const size_t *above = rows[(i + 2) % 3];
    const size_t *above_that = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= length; j++) {
        int a = fold(first[i - 1]);
        int b = fold(second[j - 1]);
        row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a != b));
        if (i > 1 && j > 1 && a == fold(second[j - 2]) && fold(first[i - 2]) == b)
            row[j] = least(row[j], above_that[j - 2] + 1);
    }
}

size_t keystrokes_between(const char *first, size_t first_length, const char *second)
{
    size_t rows[3][MOST_LETTERS + 1];
    size_t length = strlen(second);
    if (first_length > MOST_LETTERS || length > MOST_LETTERS)
        return SIZE_MAX;
    for (size_t j = 0; j <= length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= first_length; i++)
        fill_row(first, i, second, length, rows);
    return rows[first_length % 3][length];
}
