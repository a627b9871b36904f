/*
 * The limits on open files: of this process, which may have inherited some, and of the system.
 */
#ifndef CRAMFS_BASE_OPEN_FILES_H
#define CRAMFS_BASE_OPEN_FILES_H

enum { OPEN_FILES_MOST = 128 };

/* How many more files can be open now, at most `most` (up to OPEN_FILES_MOST). */
unsigned open_files_left(unsigned most);

#endif
