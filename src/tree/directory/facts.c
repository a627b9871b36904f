#include "tree/directory/facts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tree/directory/attributes.h"

/* A device must not be opened: looks first, unless the directory had the type. */
static bool is_regular(int directory, const struct directory_name *name)
{
    struct stat status;
    if (name->type != DT_UNKNOWN)
        return name->type == DT_REG;
    return fstatat(directory, name->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode);
}

/* Opens a regular file to read it: its attributes are then listed without a detour. */
static bool open_regular(struct open_entry *entry, const struct directory_name *name)
{
    if (!is_regular(entry->directory, name))
        return false;
    entry->file = openat(entry->directory, entry->name,
                         O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (entry->file < 0)
        return false;
    if (fstat(entry->file, &entry->status) == 0 && S_ISREG(entry->status.st_mode))
        return true;
    close(entry->file);
    return false;
}

/* Opens the entry and reads its status; false with errno. */
static bool open_entry(struct open_entry *entry, const struct directory_name *name)
{
    entry->readable = open_regular(entry, name);
    if (entry->readable)
        return true;
    entry->file = openat(entry->directory, entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return entry->file >= 0 && fstat(entry->file, &entry->status) == 0;
}

/* Whether the entry has no attributes and will be opened later. */
static bool is_plain(int directory, const char *name, struct stat *status)
{
    if (fstatat(directory, name, status, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    bool opened_later = S_ISDIR(status->st_mode) || (S_ISREG(status->st_mode) && status->st_size);
    return opened_later && attributes_has_none(directory, name);
}

void facts_read(int directory, const struct directory_name *name, bool by_name,
                struct directory_facts *facts)
{
    struct open_entry entry = {.directory = directory, .name = name->name};
    *facts = (struct directory_facts){0};
    if (by_name && is_plain(directory, name->name, &facts->status))
        return;
    if (!open_entry(&entry, name)) {
        facts->system_error = errno;
    } else {
        facts->status = entry.status;
        facts->opaque = count_attributes(&facts->losses, &entry);
        if (S_ISLNK(entry.status.st_mode))
            facts->target = disk_read_target(entry.file, &entry.status);
    }
    if (entry.file >= 0)
        close(entry.file);
}
