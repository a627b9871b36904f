#include "cramfs/what_if.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "format/bytes.h"
#include "pack/budget/sweep.h"
#include "pack/layout/arrange.h"
#include "pack/layout/layout.h"
#include "pack/plan_parts.h"

enum { POINTS = 32 };

struct what_if {
    struct cramfs_plan plan; /* only its encoded tree is used */
    struct sweep sweep;
    struct cramfs_what_if *curve;
    uint32_t *pages; /* by node: in place at the point before */
};

/* Says why no image can hold the tree. */
static int refuse(struct what_if *what_if, struct cramfs_diags *diags)
{
    struct cramfs_plan *plan = &what_if->plan;
    int error = arrange(plan->tree, &plan->options, &plan->encoded, &plan->arrangement, diags);
    if (!error)
        error = lay_out(plan->tree, &plan->options, &plan->encoded, &plan->arrangement,
                        &plan->layout, diags);
    return error;
}

/* The pages of RAM that the choice saves for a file; a file counts under its first name. */
static uint32_t pages_of(const struct what_if *what_if, uint32_t node)
{
    const struct cramfs_plan *plan = &what_if->plan;
    if (plan->encoded.content_of_node[node] == NO_CONTENT ||
        !S_ISREG(plan->tree->nodes[node]->mode))
        return 0;
    const struct cramfs_selection *selection = selection_of(&plan->encoded, node);
    return (uint32_t)(selection->ram_saved / plan->options.page_size);
}

/* Lists the files that have more or fewer pages in place than at the point before. */
static int list_files(const struct what_if *what_if, struct cramfs_what_if_point *point)
{
    struct cramfs_what_if *curve = what_if->curve;
    point->first_file = curve->files_count;
    for (uint32_t i = 0; i < what_if->plan.tree->nodes_count; i++) {
        uint32_t pages = pages_of(what_if, i);
        uint32_t before = what_if->pages[i];
        what_if->pages[i] = pages;
        if (pages == before)
            continue;
        if (!ARRAY_GROW(curve, files))
            return -CRAMFS_ERR_MEMORY;
        curve->files[curve->files_count++] = (struct cramfs_what_if_file){
            .node = i, .pages = pages, .added = (int64_t)pages - (int64_t)before};
    }
    point->files_count = curve->files_count - point->first_file;
    return 0;
}

/* Adds the point of a budget, unless it is the same as the one before. */
static int add_point(struct what_if *what_if, uint64_t budget)
{
    struct cramfs_what_if *curve = what_if->curve;
    const struct cramfs_plan_options *options = &what_if->plan.options;
    struct cramfs_budget_summary summary;
    int error = sweep_choose(&what_if->sweep, budget, &summary);
    if (error)
        return error;
    uint64_t saved = options->profile ? summary.touched_pages : summary.pages;
    struct cramfs_what_if_point point = {
        .budget = summary.cost > budget ? summary.cost : budget, /* by rules with `must` */
        .image_size = curve->bare_size + summary.cost,
        .flash_cost = summary.cost,
        .pages = summary.pages,
        .touched_pages = summary.touched_pages,
        .ram_saved = saved * options->page_size,
    };
    error = list_files(what_if, &point);
    if (error)
        return error;
    if (curve->points_count && !point.files_count &&
        curve->points[curve->points_count - 1].flash_cost == point.flash_cost)
        return 0;
    if (!ARRAY_GROW(curve, points))
        return -CRAMFS_ERR_MEMORY;
    curve->points[curve->points_count++] = point;
    return 0;
}

/* The cost of everything in place, or the most that an image has room for. */
static int find_span(struct what_if *what_if, uint64_t *span)
{
    struct cramfs_what_if *curve = what_if->curve;
    struct cramfs_budget_summary summary;
    int error = sweep_choose(&what_if->sweep, UINT64_MAX, &summary);
    if (error)
        return error;
    bool possible = summary.cost != UINT64_MAX;
    curve->full_size = possible ? curve->bare_size + summary.cost : UINT64_MAX;
    *span = possible                                   ? summary.cost
            : curve->bare_size < CRAMFS_MAX_IMAGE_SIZE ? CRAMFS_MAX_IMAGE_SIZE - curve->bare_size
                                                       : 0;
    return 0;
}

/* Adds points at even distances, whole pages apart, and one at the budget of the options. */
static int add_points(struct what_if *what_if, uint64_t span)
{
    struct cramfs_what_if *curve = what_if->curve;
    const struct cramfs_plan_options *options = &what_if->plan.options;
    uint64_t own = choosing_budget(options, curve->bare_size);
    bool within = !options->fit || options->fit >= curve->bare_size;
    uint64_t before = 0;
    int error = 0;
    curve->bounded = own != UINT64_MAX;
    curve->bound_point = CRAMFS_WHAT_IF_NONE;
    for (uint64_t i = 0; !error && i < POINTS; i++) {
        uint64_t budget = align_up(span * i / (POINTS - 1), options->page_size);
        budget = budget < span ? budget : span;
        if (i && budget == before)
            continue;
        if (within && own < budget && curve->bound_point == CRAMFS_WHAT_IF_NONE) {
            error = add_point(what_if, own);
            curve->bound_point = curve->points_count - 1;
        }
        if (!error)
            error = add_point(what_if, budget);
        if (within && own == budget)
            curve->bound_point = curve->points_count - 1;
        before = budget;
    }
    if (curve->bounded && within && curve->bound_point == CRAMFS_WHAT_IF_NONE)
        curve->bound_point = curve->points_count - 1; /* there is room for everything */
    return error;
}

static int find_curve(struct what_if *what_if, struct cramfs_diags *diags)
{
    struct cramfs_plan *plan = &what_if->plan;
    struct cramfs_what_if *curve = what_if->curve;
    int error =
        choosing_measure_bare(plan->tree, &plan->options, &plan->encoded, &curve->bare_size);
    if (!error && curve->bare_size == UINT64_MAX)
        return refuse(what_if, diags);
    what_if->pages = calloc(plan->tree->nodes_count, sizeof(*what_if->pages));
    if (!what_if->pages)
        error = -CRAMFS_ERR_MEMORY;
    if (!error)
        error = sweep_begin(plan->tree, &plan->options, &plan->encoded, curve->bare_size, diags,
                            &what_if->sweep);
    uint64_t span;
    if (!error)
        error = find_span(what_if, &span);
    if (!error)
        error = add_points(what_if, span);
    sweep_end(&what_if->sweep);
    return error == -CRAMFS_ERR_MEMORY ? cramfs_fail_memory(diags) : error;
}

int cramfs_what_if_create(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                          struct cramfs_diags *diags, struct cramfs_what_if *curve)
{
    struct what_if what_if = {.plan = {.tree = tree}, .curve = curve};
    *curve = (struct cramfs_what_if){0};
    plan_options_copy(&what_if.plan.options, options);
    what_if.plan.options.choose = true;
    what_if.plan.options.like = NULL;
    int error = cramfs_tree_finish(tree) != 0 ? cramfs_fail_memory(diags) : 0;
    if (!error)
        error = cramfs_plan_options_check(&what_if.plan.options, diags);
    if (!error)
        error = plan_encode(&what_if.plan, diags);
    if (!error)
        error = find_curve(&what_if, diags);
    layout_free(&what_if.plan.layout);
    arrangement_free(&what_if.plan.arrangement);
    encoded_tree_free(&what_if.plan.encoded);
    free(what_if.pages);
    return error;
}

void cramfs_what_if_free(struct cramfs_what_if *curve)
{
    free(curve->points);
    free(curve->files);
    *curve = (struct cramfs_what_if){0};
}

bool cramfs_what_if_marginal(const struct cramfs_what_if *curve, size_t point, int64_t *thousandths)
{
    if (point + 1 >= curve->points_count)
        return false;
    const struct cramfs_what_if_point *here = &curve->points[point];
    const struct cramfs_what_if_point *next = here + 1;
    if (next->flash_cost <= here->flash_cost)
        return false;
    int64_t flash = (int64_t)(next->flash_cost - here->flash_cost);
    int64_t ram = (int64_t)(next->ram_saved - here->ram_saved);
    *thousandths = (ram * 1000 + (ram < 0 ? -flash : flash) / 2) / flash;
    return true;
}
