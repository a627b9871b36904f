#include "tree/archive/stream/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * The system's reason, which libarchive's own text may lack; NULL when the system was not asked.
 * libarchive itself uses EILSEQ for a damaged archive, and EINVAL for a wrong call.
 */
static const char *system_reason(struct archive *archive, const char *text)
{
    int code = archive_errno(archive);
    if (code <= 0 || code == EILSEQ || code == EINVAL)
        return NULL;
    const char *reason = strerror(code);
    return strstr(text, reason) ? NULL : reason;
}

char *fault_text(struct archive *archive, char *to)
{
    const char *why = archive_error_string(archive);
    why = why && *why ? why : "it is damaged or cut";
    const char *reason = system_reason(archive, why);
    char text[FAULT_SIZE];
    snprintf(text, sizeof(text), "%s%s%s", why, reason ? ": " : "", reason ? reason : "");
    return cramfs_escape(text, strlen(text), to, FAULT_SIZE);
}

int report_fault(struct archive *archive, const char *path, struct cramfs_diags *diags)
{
    char text[FAULT_SIZE];
    return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot read the archive: %s",
                       fault_text(archive, text));
}
