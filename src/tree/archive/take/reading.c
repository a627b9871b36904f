#include "tree/archive/take/reading.h"

#include <string.h>

#include "tree/archive/stream/fault.h"

int fail_archive(const struct archive_reading *reading)
{
    int error = reading->stream->error;
    return error ? error : report_fault(reading->archive, reading->path, reading->diags);
}

static int report_entry(const struct archive_reading *reading, enum cramfs_error code,
                        struct archive_entry *entry, const char *fault)
{
    const char *name = archive_entry_pathname(entry);
    char shown[FAULT_SIZE];
    name = name ? name : "";
    return cramfs_fail(reading->diags, code, reading->path,
                       "cannot read the archive: '%s' is damaged: %s",
                       cramfs_escape(name, strlen(name), shown, sizeof(shown)), fault);
}

int fail_entry(const struct archive_reading *reading, struct archive_entry *entry,
               const char *fault)
{
    return report_entry(reading, CRAMFS_ERR_FORMAT, entry, fault);
}

int fail_data(const struct archive_reading *reading, struct archive_entry *entry, int status)
{
    char fault[FAULT_SIZE];
    int error = reading->stream->error;
    return error
               ? error
               : report_entry(reading, status == ARCHIVE_FATAL ? CRAMFS_ERR_IO : CRAMFS_ERR_FORMAT,
                              entry, fault_text(reading->archive, fault));
}
