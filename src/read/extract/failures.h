/* Failures of the thread that walks the tree, in their order among those of the writer's files. */
#ifndef CRAMFS_READ_EXTRACT_FAILURES_H
#define CRAMFS_READ_EXTRACT_FAILURES_H

#include "read/extract/extracting.h"

/* report_failure(), after the failures of all files that were added to the writer. */
void fail(struct extracting *extracting, enum cramfs_error code, uint32_t number, const char *what,
          const char *why);

/* The same with the system's reason, errno. */
void fail_system(struct extracting *extracting, uint32_t number, const char *what);

#endif
