/*
 * What every unit test includes, in the order that cmocka wants.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifndef assert_uint_in_range /* so cmocka names it from 2.0 on, and deprecates the old name */
#define assert_uint_in_range assert_in_range
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
