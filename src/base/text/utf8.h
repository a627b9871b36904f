/* UTF-8 in bytes that may be anything. */
#ifndef CRAMFS_BASE_TEXT_UTF8_H
#define CRAMFS_BASE_TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The length of the UTF-8 sequence at `at`, with `rest` bytes left there, or 0 when there is none:
 * RFC 3629, without surrogates and overlong forms.
 */
size_t utf8_length(const char *at, size_t rest);

/* The code point of the sequence of that length at `at`. */
uint32_t utf8_code(const char *at, size_t length);

#endif
