#include "cli/cramfs-dump/open.h"

#include <sys/stat.h>

#include "base/pass_on.h"
#include "base/pool.h"

struct opening {
    const char *path;
    const struct cramfs_open_options *options;
    struct cramfs_view *view;
    struct cramfs_diags diags;
    int error;
};

static void open_one(void *worker, void *job)
{
    (void)worker;
    struct opening *opening = job;
    opening->error =
        cramfs_view_open(opening->path, opening->options, &opening->diags, &opening->view);
}

/* Any other file may be a pipe, which is not read before it must be. */
static bool is_regular(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* One thread opens the second image, while this one opens the first. */
static int open_both(struct opening openings[2], struct cramfs_diags *diags)
{
    const struct pool_work work = {.run = open_one};
    struct pool *pool = pool_default_threads() > 1 ? pool_create(2, &work) : NULL;
    int error = 0;
    if (pool)
        pool_submit(pool, &openings[1]);
    open_one(NULL, &openings[0]);
    if (!pool || !pool_take(pool))
        open_one(NULL, &openings[1]);
    pool_free(pool);
    for (int i = 0; i < 2; i++) {
        if (!error)
            diags_pass_on(&openings[i].diags, NULL, CRAMFS_NOTE, diags);
        error = error ? error : openings[i].error;
        cramfs_diags_free(&openings[i].diags);
    }
    return error;
}

int open_images(const struct dump_arguments *arguments, struct cramfs_view *views[2],
                struct cramfs_diags *diags)
{
    const char *const paths[2] = {arguments->open.image, arguments->new_image};
    const struct cramfs_open_options *options = &arguments->open.options;
    struct opening openings[2] = {{.path = paths[0], .options = options},
                                  {.path = paths[1], .options = options}};
    int error = 0;
    if (paths[1] && is_regular(paths[0]) && is_regular(paths[1])) {
        error = open_both(openings, diags);
    } else {
        for (int i = 0; !error && i < 2 && paths[i]; i++)
            error = cramfs_view_open(paths[i], options, diags, &openings[i].view);
    }
    views[0] = openings[0].view;
    views[1] = openings[1].view;
    return error;
}
