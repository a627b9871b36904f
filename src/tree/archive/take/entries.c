#include "tree/archive/take/entries.h"

#include <string.h>

#include "tree/archive/stream/fault.h"

/*
 * Decides about a warning of libarchive: that it left out a part of an entry, or that numbers
 * contradict each other. Then the archive is damaged. But if a name that should be UTF-8 is not,
 * libarchive says that it keeps the bytes; names need no more than that.
 */
static int judge_warning(const struct archive_reading *reading, struct archive_entry *entry)
{
    const char *text = archive_error_string(reading->archive);
    if (text && (strstr(text, "can't be converted") || strstr(text, "cannot be converted")))
        return 0;
    char fault[FAULT_SIZE];
    return fail_entry(reading, entry, fault_text(reading->archive, fault));
}

/* For a 7z's link with a wrong CRC, libarchive sets an error string but returns no warning. */
static bool has_silent_fault(struct archive *archive)
{
    return archive_format(archive) == ARCHIVE_FORMAT_7ZIP && archive_error_string(archive);
}

int take_next_entry(struct archive_reading *reading, bool *ended)
{
    struct archive_entry *entry;
    int status = archive_read_next_header(reading->archive, &entry);
    *ended = status == ARCHIVE_EOF;
    if (*ended)
        return 0;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
        return fail_archive(reading);
    reading->entries_count++;
    bool warned = status == ARCHIVE_WARN || has_silent_fault(reading->archive);
    int error = warned ? judge_warning(reading, entry) : 0;
    return error ? error : take_archive_entry(reading, entry);
}

int worse_error(int error, int other)
{
    return !error || error == -CRAMFS_ERR_FORMAT ? (other ? other : error) : error;
}
