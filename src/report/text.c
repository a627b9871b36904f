#include "report/text.h"

const char *text_entry_path(const struct cramfs_survey *survey, uint32_t entry,
                            char to[TEXT_PATH_SIZE])
{
    char path[CRAMFS_PATH_SIZE];
    size_t length = cramfs_entry_path(&survey->entries, entry, path, sizeof(path));
    return cramfs_escape(path, length, to, TEXT_PATH_SIZE);
}

const char *text_flags(uint32_t flags, char to[4])
{
    to[0] = flags & CRAMFS_ELF_READ ? 'r' : '-';
    to[1] = flags & CRAMFS_ELF_WRITE ? 'w' : '-';
    to[2] = flags & CRAMFS_ELF_EXECUTE ? 'x' : '-';
    to[3] = '\0';
    return to;
}

const char *text_order(enum cramfs_order order)
{
    return order == CRAMFS_BIG ? "big" : "little";
}
