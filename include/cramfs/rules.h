/*
 * Rules: what goes in place, file by file.
 *
 *     # fonts are drawn from where they lie
 *     /usr/share/fonts         in-place
 *     /usr/bin/player          readonly needs
 *     /usr/lib                 text
 *     *.gz                     stored
 *     /usr                     compressed
 *
 * A rule is a line: a glob, and words. cramfs-xip-rules(5) is the manual for users; in short:
 *
 * LINES end in LF or CR LF. Empty lines are ignored, and so is all from a '#' at the beginning of a
 * glob or word to the end of the line. Globs are those of exclude.h, as cramfs_exclude_pattern()
 * makes them, except that a '/' at the end is an error. So "./a" is "/a", and a glob that matches a
 * directory includes all below it. A backslash before a blank or a '#' makes it a part of the glob.
 * Links are not followed: a rule is for a file in its own place.
 *
 * WORDS are one of these kinds, and optionally `needs`, `must` and `nosplit`:
 *   in-place    the whole file, whatever it is: CRAMFS_XIP_FILE
 *   text        the executable segments of a program: CRAMFS_XIP_TEXT
 *   readonly    its segments that are not writable: CRAMFS_XIP_READONLY
 *   compressed  nothing in place: CRAMFS_XIP_NONE
 *   stored      nothing in place, and not compressed either: CRAMFS_XIP_STORED
 *   needs       the rule also applies to the files that the loader will map with a program: its
 *               interpreter (PT_INTERP), its libraries (DT_NEEDED), and theirs
 *
 *   must        the pages that the rule puts in place are paid for first, whatever they save; a
 *               budget that cannot pay for them is an error. These files are not cut either.
 *   nosplit     its segments are never cut: cramfs_plan_options.split
 *
 * THE FIRST RULE that matches a file decides, in the order of lines and of files of rules. A rule
 * matches the files that a program needs as if the glob did: an earlier rule for a library comes
 * first, a later one has no effect. A rule with `needs` follows the files that it decides, also
 * through libraries that other rules decide.
 *
 * Libraries are looked for in the tree as the target's loader will, but only among files of the
 * same class, byte order and machine. A name with a '/' is a path: from the root if it begins with
 * '/', from the directory of the file that needs it if it begins with $ORIGIN. Any other relative
 * path depends on where the program is started, so it is not found. A name without a '/' is looked
 * for in DT_RUNPATH or DT_RPATH of the file that needs it; in those of the file that needs that one
 * (DT_RPATH alone, as glibc does); in the directories of /etc/ld.so.conf in the tree, with its
 * includes; in /lib, /usr/lib, /lib64, /usr/lib64 and their subdirectories with the name of a
 * multiarch tuple; in DT_RUNPATH of the file that needs the one that needs it (as musl does). If it
 * is in none of these, and the tree has only one such file of that name, that one is taken. Links
 * are followed as on the target.
 */
#ifndef CRAMFS_RULES_H
#define CRAMFS_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "cramfs/declarations.h"
#include "cramfs/select.h"
#include "cramfs/tree.h"

CRAMFS_BEGIN_DECLARATIONS

/* The longest line, without its end. */
#define CRAMFS_RULE_LINE_SIZE 8191

struct cramfs_xip_rule {
    char *glob;  /* made by cramfs_exclude_pattern() */
    char *where; /* "FILE:LINE" */
    enum cramfs_xip xip;
    bool needs;
    bool no_split;
    bool must;
};

/* In their order. Starts as {0}. */
struct cramfs_xip_rules {
    struct cramfs_xip_rule *list;
    size_t list_count;
    size_t list_capacity;
};

/*
 * Adds the rules of a file. Each line that is not a rule adds an error whose path is "FILE:LINE";
 * the others are read nevertheless. Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT or
 * -CRAMFS_ERR_MEMORY.
 */
int cramfs_rules_read(struct cramfs_xip_rules *rules, const char *path, struct cramfs_diags *diags);

/*
 * Sets `xip`, `xip_must` and `no_split` of each regular file of a finished tree that a rule
 * matches, and `xip_rule` to the rule's `where`: the rules must live as long as the tree.
 *
 * Warns of a rule that matches nothing, and of a library that is needed and not found, with the
 * path of the file that needs it. Notes a rule that decides nothing, because earlier rules decide
 * all its files. A file that cannot be read is not reported here: the builder reads it again, and
 * reports it. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int cramfs_rules_apply(const struct cramfs_xip_rules *rules, struct cramfs_tree *tree,
                       struct cramfs_diags *diags);

/*
 * Sets CRAMFS_XIP_FILE for each regular file with the sticky bit that no rule matches. Older XIP
 * trees mark files so (`chmod +t`). `name` becomes their xip_rule, and must outlive the tree.
 */
void cramfs_rules_apply_sticky(struct cramfs_tree *tree, const char *name);

void cramfs_rules_free(struct cramfs_xip_rules *rules);

CRAMFS_END_DECLARATIONS

#endif
