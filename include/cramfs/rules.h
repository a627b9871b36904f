/*
 * Rules: what goes in place, said file by file.
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
 * LINES end in LF or CR LF. Empty ones do not count, nor does what begins with a '#' at the
 * beginning of a glob or word. Globs are those of exclude.h, so a directory that fits takes in all
 * below it; a backslash in front of a blank or a '#' makes it a part of the glob. Links are not
 * followed: a rule is for a file in its own place.
 *
 * WORDS are one of these, the kind, and `needs` and `nosplit`:
 *   in-place    the whole file, whatever it is: CRAMFS_XIP_FILE
 *   text        the executable segments of a program: CRAMFS_XIP_TEXT
 *   readonly    its segments that are not writable: CRAMFS_XIP_READONLY
 *   compressed  nothing in place: CRAMFS_XIP_NONE
 *   stored      nothing in place, and not compressed either: CRAMFS_XIP_STORED
 *   needs       the rule is also for what the loader will map with a program: its interpreter
 *               (PT_INTERP), its libraries (DT_NEEDED), and theirs
 *
 *   nosplit     its segments are never cut: cramfs_plan_options.split
 *
 * THE FIRST RULE that fits a file decides, in the order of lines and of files of rules. What a
 * program needs fits its rule as if the glob did: an earlier rule for a library wins over that, a
 * later one loses. A rule with `needs` follows the files that it decides, through libraries that
 * others decide, too.
 *
 * Libraries are looked for in the tree as the target's loader will, but only among files of the
 * same class, byte order and machine: a name with a '/' as a path from the root; any other in
 * DT_RUNPATH or DT_RPATH of who needs it, in those of who needs that (DT_RPATH alone, as glibc
 * does), in what /etc/ld.so.conf of the tree lists with its includes, in /lib, /usr/lib, /lib64,
 * /usr/lib64 and their subdirectories of the name of a multiarch tuple, in DT_RUNPATH of who needs
 * who needs it (as musl does); at last it is the only such file of that name anywhere. Links are
 * followed as on the target.
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
    char *glob;
    char *where; /* "FILE:LINE" */
    enum cramfs_xip xip;
    bool needs;
    bool no_split;
};

/* In their order. Starts as {0}. */
struct cramfs_xip_rules {
    struct cramfs_xip_rule *list;
    size_t list_count;
    size_t list_capacity;
};

/*
 * Adds the rules of a file. Each line that is none adds an error whose path is "FILE:LINE"; the
 * others are read all the same. Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT or
 * -CRAMFS_ERR_MEMORY.
 */
int cramfs_rules_read(struct cramfs_xip_rules *rules, const char *path, struct cramfs_diags *diags);

/*
 * Sets `xip` and `no_split` of each regular file of a finished tree that a rule fits, and
 * `xip_rule` to the rule's `where`: the rules must live as long as the tree.
 *
 * Warns of a rule that fits nothing, and of a library that is needed and not found, with the path
 * of who needs it; notes a rule that decides nothing, since others before it do. A file that cannot
 * be read needs nothing here: the builder reads it again, and reports it. Returns 0 or
 * -CRAMFS_ERR_MEMORY.
 */
int cramfs_rules_apply(const struct cramfs_xip_rules *rules, struct cramfs_tree *tree,
                       struct cramfs_diags *diags);

/*
 * The same for each regular file with the sticky bit that no rule fits: CRAMFS_XIP_FILE. Older XIP
 * trees mark files so (`chmod +t`). `name` becomes their xip_rule, and must outlive the tree.
 */
void cramfs_rules_apply_sticky(struct cramfs_tree *tree, const char *name);

void cramfs_rules_free(struct cramfs_xip_rules *rules);

CRAMFS_END_DECLARATIONS

#endif
