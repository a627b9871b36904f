/*
 * Temporary files and signals: a program that is told to end leaves none behind.
 */
#ifndef CRAMFS_CLI_COMMON_CLEANUP_H
#define CRAMFS_CLI_COMMON_CLEANUP_H

/*
 * From now on each signal that ends a program removes what remove_on_signal() was given, and then
 * ends it as it would have. SIGPIPE is ignored: a write then fails, and that is reported
 * like any other failure.
 */
void catch_signals(void);

/* Holds the signals back while a file is made that cannot be told before it has a name. */
void hold_signals(void);
void release_signals(void);

/*
 * Remembers a path (at most 4; it must live on) to be removed when a signal comes. NULL is ignored.
 */
void remove_on_signal(const char *path);

/* Forgets all of them. To be called with signals held back, before the paths go away. */
void forget_on_signal(void);

#endif
