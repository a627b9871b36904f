/*
 * What stands around the declarations of every other header here.
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
