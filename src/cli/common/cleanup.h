/*
 * Temporary files and signals: a program that a signal ends leaves no temporary file.
 */
#ifndef CRAMFS_CLI_COMMON_CLEANUP_H
#define CRAMFS_CLI_COMMON_CLEANUP_H

/*
 * From now on each signal that ends a program removes what remove_on_signal() was given, and then
 * ends it as it would have. SIGPIPE is ignored: a write then fails, and that is reported
 * like any other failure.
 */
void catch_signals(void);

/* Holds the signals back while a file is made whose name is not known before. */
void hold_signals(void);
void release_signals(void);

/*
 * Remembers a path (at most 4; it must live on) to be removed when a signal comes. NULL is ignored.
 */
void remove_on_signal(const char *path);

/* Forgets all paths. Call it with signals held back, before the paths are freed. */
void forget_on_signal(void);

#endif
