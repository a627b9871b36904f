/*
 * Bytes and text: the functions of a C library that are needed here. gcc itself calls the first
 * four.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

size_t text_length(const char *text);
bool text_equal(const char *a, const char *b);
bool text_begins(const char *text, const char *prefix);
bool text_has(const char *text, char letter);

/*
 * Write PARTS, up to a NULL, one after the other; if they do not fit into SIZE, the program ends.
 */
void text_join(char *to, size_t size, const char *const *parts);

/* The digits of a number in BASE 10 or 16; stops at the first letter that is not a digit. */
uint64_t text_number(const char *text, unsigned base);

/*
 * NUMBER in decimal, without a division of 64 bits, which big-endian ARM has no library for. Takes
 * 21 bytes.
 */
void text_from_number(char *to, uint64_t number);

/* Cut the next word off *REST, at spaces; an empty word means that no word is left. */
char *text_word(char **rest);

/* Lines of a file that need not fit into memory. */
struct text_reader {
    int file;
    size_t begin;
    size_t end;
    char buffer[4096];
};

void text_open(struct text_reader *reader, const char *path);
/* The next line without its newline; false at the end of the file. */
bool text_line(struct text_reader *reader, char *line, size_t size);
void text_close(struct text_reader *reader);

#endif
