#include "tree/glob.h"

#include <fnmatch.h>
#include <string.h>

/* A ']' outside of brackets has no special meaning; it is still taken for one that ends them. */
static const char special[] = "*?[]\\";

void glob_init(struct glob *glob, const char *pattern)
{
    *glob = (struct glob){.whole = pattern[0] == '/'};
    glob->pattern = pattern + glob->whole;
    glob->length = strlen(glob->pattern);
    glob->head = strcspn(glob->pattern, special);
    glob->literal = glob->head == glob->length;
    while (glob->tail < glob->length &&
           !strchr(special, glob->pattern[glob->length - glob->tail - 1]))
        glob->tail++;
    for (const char *at = glob->pattern; (at = strchr(at, '/')); at++)
        glob->slashes++;
}

/* The last names of a path, with `slashes` between them. */
static const char *last_names(const struct glob_path *path, size_t slashes)
{
    for (const char *at = path->text + path->length; at > path->text; at--) {
        if (at[-1] == '/' && slashes-- == 0)
            return at;
    }
    return path->text;
}

static bool tail_matches(const struct glob *glob, const struct glob_path *path)
{
    const char *pattern_end = glob->pattern + glob->length;
    const char *end = path->text + path->length;
    return path->length >= glob->tail && pattern_end[-1] == end[-1] &&
           memcmp(pattern_end - glob->tail, end - glob->tail, glob->tail) == 0;
}

bool glob_matches(const struct glob *glob, const struct glob_path *path)
{
    if (glob->whole ? path->slashes != glob->slashes : path->slashes < glob->slashes)
        return false;
    if (glob->tail && !tail_matches(glob, path))
        return false;
    const char *names = glob->whole ? path->text : last_names(path, glob->slashes);
    if (glob->literal)
        return strcmp(names, glob->pattern) == 0;
    return strncmp(names, glob->pattern, glob->head) == 0 &&
           fnmatch(glob->pattern, names, FNM_PATHNAME) == 0;
}
