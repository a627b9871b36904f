#include "tree/archive/allow.h"

#include "base/remedy.h"

int allow_or_fail(const struct archive_reading *reading, enum cramfs_loss loss, const char *what)
{
    if (reading->tree->allow & CRAMFS_LOSS_BIT(loss)) {
        cramfs_report(reading->diags, CRAMFS_ALLOWED, CRAMFS_ERR_IO, reading->path, "%s", what);
        return 0;
    }
    return with_remedy(cramfs_fail(reading->diags, CRAMFS_ERR_IO, reading->path, "%s", what),
                       reading->diags, CRAMFS_REMEDY_ALLOW_SOURCE, cramfs_loss_names()[loss]);
}
