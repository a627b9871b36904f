#include "base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker.h"

bool read_base(struct base *base, const char *path)
{
    FILE *in = fopen(path, "rb");
    long length = -1;
    if (in && !fseek(in, 0, SEEK_END))
        length = ftell(in);
    base->name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    base->bytes = length > 0 ? malloc((size_t)length) : NULL;
    bool all = base->bytes && !fseek(in, 0, SEEK_SET) &&
               fread(base->bytes, 1, (size_t)length, in) == (size_t)length;
    base->length = all ? (size_t)length : 0;
    if (in)
        fclose(in);
    return all;
}

bool open_base(struct base *base, const char *path, struct mount *mount)
{
    struct check check = {0};
    struct judgement judgement = {0};
    char where[512] = "";
    const char *problem = "cannot be read";
    if (read_base(base, path)) {
        run_checker(&check, base->bytes, base->length, 0);
        problem = check.clean ? NULL : "not clean";
        base->big = check.big;
        base->page = check.page;
    }
    if (!problem) {
        judge_image(&judgement, base->bytes, base->length, base->big, base->page);
        problem = judgement.problem;
        base->view = judgement.view;
    }
    if (!problem) {
        mount_image(mount, base->bytes, base->length, ON_MTD, base->big, base->page);
        base->super = mount->super;
        problem = compare_tree(&check, &base->view, mount, where, sizeof(where));
        unmount(mount);
    }
    release_check(&check);
    if (problem)
        fprintf(stderr, "%s: %s%s: %s %s\n", path, judgement.where, where, problem, check.rules);
    return !problem;
}

void release_base(struct base *base)
{
    release_view(&base->view);
    free(base->bytes);
    memset(base, 0, sizeof(*base));
}
