/*
 * Every other header here puts its declarations between these two macros.
 *
 * Two rules hold for all of the library. Each function whose name ends in _free or _close takes
 * NULL, and a struct that is all zeroes. Each struct of options begins with `size`: the sizeof() of
 * the struct as the caller's header has it. A newer library takes members that the caller does not
 * know as 0; a size of 0 stands for the whole struct. NULL instead of a struct stands for one that
 * is all zeroes, or, of struct cramfs_plan_options, for one as cramfs_plan_options_init() makes it.
 *
 * C++ sees them as C's. And they are what the shared library exports: all else in it is compiled
 * with -fvisibility=hidden, so that the headers are the one list of what is public.
 */
#ifndef CRAMFS_DECLARATIONS_H
#define CRAMFS_DECLARATIONS_H

#ifdef __cplusplus
#define CRAMFS_BEGIN_DECLARATIONS                                                                  \
    _Pragma("GCC visibility push(default)") extern "C"                                             \
    {
#define CRAMFS_END_DECLARATIONS                                                                    \
    }                                                                                              \
    _Pragma("GCC visibility pop")
#else
#define CRAMFS_BEGIN_DECLARATIONS _Pragma("GCC visibility push(default)")
#define CRAMFS_END_DECLARATIONS   _Pragma("GCC visibility pop")
#endif

#endif
