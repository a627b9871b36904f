/*
 * UTF-8 among bytes that may be anything.
 */
#ifndef CRAMFS_REPORT_UTF8_H
#define CRAMFS_REPORT_UTF8_H

#include <stddef.h>

/*
 * The length of the UTF-8 sequence at `at`, of which `rest` bytes are there, or 0 when there is
 * none: RFC 3629, without surrogates and overlong forms.
 */
size_t utf8_length(const char *at, size_t rest);

#endif
