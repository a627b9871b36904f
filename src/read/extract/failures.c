#include "read/extract/failures.h"

#include <errno.h>
#include <string.h>

#include "read/extract/write_files.h"

void fail(struct extracting *extracting, enum cramfs_error code, uint32_t number, const char *what,
          const char *why)
{
    file_writer_wait(extracting->writer);
    report_failure(extracting, code, number, what, why);
}

void fail_system(struct extracting *extracting, uint32_t number, const char *what)
{
    int error = errno;
    file_writer_wait(extracting->writer);
    report_failure(extracting, CRAMFS_ERR_IO, number, what, strerror(error));
}
