/*
 * Every other public header puts its declarations between these two macros.
 *
 * Two rules hold for the whole library. Each function whose name ends in _free or _close accepts
 * NULL, and a struct that is all zeroes. Each struct of options begins with `size`: the sizeof() of
 * the struct in the caller's header. A newer library takes members that the caller does not know as
 * 0; a size of 0 means the whole struct. NULL instead of a struct means one that is all zeroes,
 * except for struct cramfs_plan_options: there it means the values of cramfs_plan_options_init().
 *
 * In C++ the declarations are extern "C". They are also the exports of the shared library:
 * everything else in it is compiled with -fvisibility=hidden, so the headers are the only list of
 * public functions.
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
