/*
 * Which entries of an image a path or a glob names.
 *
 * A path is taken apart at its slashes, and each part held against the names of one directory, as a
 * shell does: '*', '?' and '[...]' stand for bytes of a name and never for a '/'; a backslash takes
 * a special meaning away. A part also names what it equals byte for byte, so that "/bin/[" needs no
 * backslash. A '*' at the beginning of a part fits names that begin with a dot, too. Leading
 * slashes mean nothing: all paths begin at the root. Symbolic links on the way are not followed.
 */
#ifndef CRAMFS_CHOOSE_H
#define CRAMFS_CHOOSE_H

#include "cramfs/declarations.h"
#include "cramfs/view.h"

CRAMFS_BEGIN_DECLARATIONS

/*
 * Sets chosen[entry] for each entry that `path` names; `chosen` has one for each of
 * survey->entries.list_count entries, false to begin with. Its time is that of one look at every
 * name, however deep they are. Returns 0; -CRAMFS_ERR_USAGE with a diagnostic when it names none;
 * -CRAMFS_ERR_MEMORY.
 */
int cramfs_choose(const struct cramfs_survey *survey, const char *path, bool *chosen,
                  struct cramfs_diags *diags);

/*
 * Turns chosen directories into what a listing shows of them, as ls does: what is in them, or, when
 * `recursive`, they themselves and all that is below. One that could not be read stays itself.
 */
void cramfs_choose_listed(const struct cramfs_survey *survey, bool recursive, bool *chosen);

CRAMFS_END_DECLARATIONS

#endif
