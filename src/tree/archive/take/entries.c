#include "tree/archive/take/entries.h"

#include <string.h>

#include "tree/archive/stream/fault.h"

/*
 * libarchive warns of what it left out of an entry, or of numbers that contradict each other: the
 * archive is damaged. But of a name that the archive calls UTF-8 and is not, it says that it keeps
 * the bytes, which is all we ask of names.
 */
static int judge_warning(const struct archive_reading *reading, struct archive_entry *entry)
{
    const char *text = archive_error_string(reading->archive);
    if (text && (strstr(text, "can't be converted") || strstr(text, "cannot be converted")))
        return 0;
    char fault[FAULT_SIZE];
    return fail_entry(reading, entry, fault_text(reading->archive, fault));
}

/* Of a 7z's link whose CRC is wrong libarchive has a word, and forgets to warn. */
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
