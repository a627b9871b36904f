#include "tree/directory/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Opens a directory to list it: relative to the last one listed when it is inside that. The deepest
 * directories always are, so a chain of directories is not walked from the root again and again.
 */
static int open_directory(const struct directory_walking *walking, uint32_t place)
{
    const struct directory_place *wanted = &walking->source->places[place];
    const struct listing *listed = walking->listed;
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int file;
    if (listed && place && wanted->parent == listed->place) {
        file = openat(dirfd(listed->stream), wanted->name, flags);
    } else {
        int opened = directory_source_open(walking->source, place, &walking->source->last);
        if (opened < 0)
            return -1;
        file = openat(opened, ".", flags);
        int error = errno;
        close(opened);
        errno = error;
    }
    return directory_source_verify(file, wanted->device, wanted->inode);
}

/* Removes the names that are left out: nobody looks at such an entry. */
static int leave_out(const struct directory_walking *walking, const struct found *in,
                     struct directory_names *names)
{
    size_t kept = 0;
    for (size_t i = 0; i < names->list_count; i++) {
        const struct directory_name *name = &names->list[i];
        int excluded =
            in->drop ? 0 : cramfs_excludes_match_in(walking->tree->excludes, in->node, name->name);
        if (excluded < 0)
            return excluded;
        if (!excluded)
            names->list[kept++] = *name;
    }
    names->list_count = kept;
    return 0;
}

static bool open_stream(const struct directory_walking *walking, struct listing *listing,
                        enum listing_step *step)
{
    int file = open_directory(walking, listing->place);
    *step = file < 0 && errno == ENOMEM ? LISTING_MEMORY : LISTING_OPEN;
    if (file < 0)
        return false;
    *step = LISTING_STREAM;
    listing->stream = fdopendir(file);
    int error = errno;
    if (!listing->stream)
        close(file);
    errno = error;
    return listing->stream;
}

static bool list(const struct directory_walking *walking, const struct found *found,
                 struct listing *listing, enum listing_step *step)
{
    if (!open_stream(walking, listing, step))
        return false;
    int error = names_read(listing->stream, &listing->names);
    *step = error == -CRAMFS_ERR_IO ? LISTING_NAMES : LISTING_MEMORY;
    if (!error)
        error = leave_out(walking, found, &listing->names);
    if (error)
        return false;
    examined_begin(walking->examiner, &listing->examined, dirfd(listing->stream), &listing->names);
    return true;
}

struct listing *listing_begin(const struct directory_walking *walking, const struct found *found,
                              enum listing_step *step)
{
    struct listing *listing = calloc(1, sizeof(*listing));
    *step = LISTING_MEMORY;
    if (!listing)
        return NULL;
    listing->place = found->place;
    if (list(walking, found, listing, step))
        return listing;
    int error = errno;
    listing_end(walking, listing);
    errno = error;
    return NULL;
}

bool listing_has_directories(const struct listing *listing)
{
    for (size_t i = 0; i < listing->names.list_count; i++) {
        unsigned char type = listing->names.list[i].type;
        if (type == DT_DIR || type == DT_UNKNOWN)
            return true;
    }
    return false;
}

void listing_end(const struct directory_walking *walking, struct listing *listing)
{
    if (!listing)
        return;
    examined_end(walking->examiner, &listing->examined);
    names_free(&listing->names);
    if (listing->stream)
        closedir(listing->stream);
    free(listing);
}
