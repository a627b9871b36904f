/*
 * The guest's records: one JSON object in each line, on the results disk.
 *
 * Bytes that come from the image (names, paths, link targets) are written in hexadecimal: a name
 * may hold a newline, and need not be UTF-8. A record is begun, filled field by field, and ended.
 * The last record of a complete run is "end", with the number of records before it; a results disk
 * without it means that the guest died.
 *
 * Errors are the kernel's negative numbers; the host knows their names.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>
#include <stdint.h>

void record_open(const char *device);
void record_close(void);

void record_begin(const char *kind);
void record_number(const char *key, uint64_t value);
void record_text(const char *key, const char *text);
void record_hex(const char *key, const void *bytes, size_t length);
void record_texts_begin(const char *key);
void record_texts_add(const char *text);
void record_texts_end(void);
void record_end(void);

/* A field with the reason why another one is missing. */
void record_errno(const char *key, long error);

/* Something that should have worked did not: DOING is a word like "readdir", PATH its object. */
void record_error(const char *doing, const char *path, long error);

/* The guest cannot go on: say so on the console and end; the host shows the console's last lines.
 */
void die(const char *doing, const char *object, long error) __attribute__((noreturn));

#endif
