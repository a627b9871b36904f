/* Everything visible of a mounted tree, node by node. */
#ifndef WALK_H
#define WALK_H

/* PATH_MAX does not bound a path in a tree; this does, and the host keeps its trees below it. */
#define PATH_LIMIT 16384

/*
 * Write a "node" record for every node below ROOT, named by its path from there ("" is ROOT
 * itself), MOUNT in each. Every name that readdir gives is also looked up: a name that cannot be is
 * an "error" record, as is a failing read.
 */
void walk(const char *mount, const char *root);

#endif
