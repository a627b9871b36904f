/*
 * Which entries of an image a path or a glob names.
 *
 * A path is split at its slashes, and each part is matched against the names of one directory, as a
 * shell does: '*', '?' and '[...]' match bytes of a name and never a '/'; a backslash takes away a
 * special meaning. A part also names the entry that it equals byte for byte, so "/bin/[" needs no
 * backslash. A '*' at the beginning of a part also matches a leading dot. Leading slashes mean
 * nothing: all paths begin at the root. Symbolic links on the way are not followed.
 */
#ifndef CRAMFS_CHOOSE_H
#define CRAMFS_CHOOSE_H

#include "cramfs/declarations.h"
#include "cramfs/view.h"

CRAMFS_BEGIN_DECLARATIONS

/*
 * Sets chosen[entry] for each entry that `path` names. `chosen` has survey->entries.list_count
 * elements, all false at first. The time is that of one look at every name, however deep the
 * directories. Returns 0; -CRAMFS_ERR_USAGE with a diagnostic when no entry is named;
 * -CRAMFS_ERR_MEMORY.
 */
int cramfs_choose(const struct cramfs_survey *survey, const char *path, bool *chosen,
                  struct cramfs_diags *diags);

/*
 * Replaces each chosen directory by its contents, as ls does; with `recursive`, keeps it and adds
 * all that is below it. A directory that could not be read stays chosen.
 */
void cramfs_choose_listed(const struct cramfs_survey *survey, bool recursive, bool *chosen);

CRAMFS_END_DECLARATIONS

#endif
