#include "read/extract/extracting.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

void report_failure(struct extracting *extracting, enum cramfs_error code, uint32_t number,
                    const char *what, const char *why)
{
    char path[CRAMFS_PATH_SIZE];
    if (!extracting->result || extracting->result == -CRAMFS_ERR_FORMAT)
        extracting->result = -(int)code;
    if (extracting->failures++ >= MOST_TOLD)
        return;
    cramfs_entry_path(&extracting->survey->entries, number, path, sizeof(path));
    cramfs_fail(extracting->diags, code, path, "%s: %s", what, why);
}

bool push_level(struct extracting *extracting, uint32_t number, int directory)
{
    struct stat status;
    if (fstat(directory, &status) != 0 || !ARRAY_GROW(extracting, levels)) {
        close(directory);
        return false;
    }
    if (extracting->directory >= 0)
        close(extracting->directory);
    extracting->directory = directory;
    extracting->levels[extracting->levels_count++] =
        (struct extract_level){number, status.st_dev, status.st_ino};
    return true;
}
