/*
 * Writes the contents of files, on a worker pool. The caller makes the files; a worker inflates and
 * writes their blocks, sets owner and permissions, and closes them. Several workers can write one
 * large file.
 */
#ifndef CRAMFS_READ_EXTRACT_WRITE_FILES_H
#define CRAMFS_READ_EXTRACT_WRITE_FILES_H

#include <stdint.h>
#include <sys/types.h>

struct extracting;
struct file_writer;

/*
 * Failures are reported to `extracting`, by the thread that calls these functions, in the order in
 * which files are added. Returns NULL if memory or threads run out. No later call needs memory.
 */
struct file_writer *file_writer_open(struct extracting *extracting);

/* Adds an open file, new and empty, and owns it from then on. Files need not have blocks. */
void file_writer_add(struct file_writer *writer, uint32_t entry, int file, mode_t mode);

/* Waits for all files that were added, and reports their failures. The writer may be NULL. */
void file_writer_wait(struct file_writer *writer);

void file_writer_close(struct file_writer *writer);

#endif
