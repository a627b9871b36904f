#include "cli/mkcramfs-xip/advice.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pack/savings.h"
#include "xip/elf_use.h"

enum { MOST_DIRECTORIES = 5, MOST_FILES = 10, MOST_LIBRARIES = 5, MOST_TWINS = 3 };

/* A node, and the bytes that it is listed for. */
struct ranked {
    uint32_t node;
    uint64_t bytes;
};

/* The facts about a tree that is too large. `uses` and `savings` are by node number. */
struct advising {
    const struct arguments *arguments;
    struct cramfs_tree *tree;
    uint64_t limit;
    uint64_t bare; /* the size with nothing in place */
    struct elf_use *uses;
    struct plan_saving *savings;
    struct ranked *order; /* those that count most first */
    uint64_t unlinked;
    uint64_t tails;
    uint64_t stripped; /* the same, without unlinked libraries */
};

/* A plan of the same tree that chooses pages for that much flash. */
static struct cramfs_plan *plan_with(const struct arguments *arguments, struct cramfs_tree *tree,
                                     uint64_t budget)
{
    struct cramfs_plan_options options = arguments->plan;
    struct cramfs_plan *plan = NULL;
    options.choose = true;
    options.budget = budget;
    options.fit = !budget; /* no room: then `must` in a rule is no error */
    options.selected = NULL;
    options.progress = NULL;
    options.like = NULL;
    options.split = 0; /* the tree must stay as the first plan has it */
    cramfs_plan_create(tree, &options, NULL, &plan);
    return plan;
}

#define NOTE(advising, path, ...)                                                                  \
    cramfs_report((advising)->arguments->diags, CRAMFS_NOTE, CRAMFS_ERR_LIMIT, path, __VA_ARGS__)

static void report_range(const struct advising *advising,
                         const struct cramfs_budget_summary *budget)
{
    char full[64] = "more than the format's limit";
    if (budget->full_cost != UINT64_MAX)
        snprintf(full, sizeof(full), "%" PRIu64, budget->bare_size + budget->full_cost);
    NOTE(advising, NULL,
         "the image has %" PRIu64 " bytes with nothing in place, and %s with everything in place%s",
         budget->bare_size, full,
         budget->bare_size <= advising->limit && !advising->arguments->flash.fit
             ? "; --fit=SIZE puts in place as much as fits into SIZE"
             : "");
}

static int compare_ranked(const void *first, const void *second)
{
    const struct ranked *a = first;
    const struct ranked *b = second;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return a->node < b->node ? -1 : a->node > b->node;
}

static uint32_t sort(struct advising *advising, bool directories)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < advising->tree->nodes_count; i++) {
        uint32_t mode = advising->tree->nodes[i]->mode;
        const struct plan_saving *saving = &advising->savings[i];
        if (directories ? S_ISDIR(mode) : S_ISREG(mode))
            advising->order[count++] =
                (struct ranked){i, directories ? saving->direct : saving->bytes};
    }
    qsort(advising->order, count, sizeof(*advising->order), compare_ranked);
    return count;
}

/* A directory with one file is that file. */
static void report_directories(struct advising *advising)
{
    uint32_t count = sort(advising, true);
    unsigned named = 0;
    for (uint32_t i = 0; i < count && named < MOST_DIRECTORIES; i++) {
        const struct plan_saving *saving = &advising->savings[advising->order[i].node];
        if (saving->files < 2 || !saving->direct)
            continue;
        char *path = cramfs_node_path(advising->tree->nodes[advising->order[i].node]);
        NOTE(advising, path, "without its %" PRIu32 " files the image is %" PRIu64 " bytes smaller",
             saving->files, saving->bytes);
        free(path);
        named++;
    }
}

static void report_files(struct advising *advising)
{
    uint32_t count = sort(advising, false);
    for (uint32_t i = 0; i < count && i < MOST_FILES; i++) {
        char *path = cramfs_node_path(advising->tree->nodes[advising->order[i].node]);
        NOTE(advising, path, "without it the image is %" PRIu64 " bytes smaller",
             advising->savings[advising->order[i].node].bytes);
        free(path);
    }
}

/* A file whose bytes another file has, too: leaving out one of the two saves only a name. */
static void report_twin(const struct advising *advising, uint32_t node)
{
    const struct plan_saving *saving = &advising->savings[node];
    char *path = cramfs_node_path(advising->tree->nodes[node]);
    char *twin = cramfs_node_path(advising->tree->nodes[saving->twin]);
    char shown[512];
    NOTE(advising, path,
         "it takes %" PRIu64 " bytes, but without it the image is only %" PRIu64
         " bytes smaller, since %s has the same bytes; leave out both",
         saving->taken, saving->bytes,
         cramfs_escape(twin ? twin : "?", twin ? strlen(twin) : 1, shown, sizeof(shown)));
    free(path);
    free(twin);
}

/*
 * The next file after `last` (NO_TWIN at first) that takes the bytes of an earlier file, the
 * largest first, files of one size in path order; NO_TWIN: none.
 */
static uint32_t next_twin(const struct advising *advising, uint32_t last)
{
    uint32_t found = NO_TWIN;
    uint64_t below = last == NO_TWIN ? UINT64_MAX : advising->savings[last].taken;
    for (uint32_t i = 0; i < advising->tree->nodes_count; i++) {
        const struct plan_saving *saving = &advising->savings[i];
        bool second = saving->twin != NO_TWIN && saving->twin < i; /* each pair once */
        if (!second || !S_ISREG(advising->tree->nodes[i]->mode))
            continue;
        bool after = saving->taken < below || (saving->taken == below && i > last);
        if (after && (found == NO_TWIN || saving->taken > advising->savings[found].taken))
            found = i;
    }
    return found;
}

static void report_twins(const struct advising *advising)
{
    uint32_t twin = NO_TWIN;
    for (int named = 0; named < MOST_TWINS; named++) {
        twin = next_twin(advising, twin);
        if (twin == NO_TWIN || advising->savings[twin].taken < CRAMFS_MIN_PAGE_SIZE)
            return;
        report_twin(advising, twin);
    }
}

static void report_unlinked(struct advising *advising)
{
    unsigned count = 0;
    char list[1024] = "";
    for (uint32_t i = 0; i < advising->tree->nodes_count; i++) {
        if (!advising->uses[i].unlinked)
            continue;
        advising->unlinked += advising->savings[i].bytes;
        char *path = count < MOST_LIBRARIES ? cramfs_node_path(advising->tree->nodes[i]) : NULL;
        size_t used = strlen(list);
        char shown[256];
        if (path)
            snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "",
                     cramfs_escape(path, strlen(path), shown, sizeof(shown)));
        free(path);
        count++;
    }
    if (count)
        NOTE(advising, NULL,
             "no ELF file in the tree links %u of its libraries, and without them the image is "
             "%" PRIu64 " bytes smaller (check first that no program loads them as plugins): %s%s",
             count, advising->unlinked, list, count > MOST_LIBRARIES ? ", ..." : "");
}

static void report_tails(struct advising *advising)
{
    unsigned count = 0;
    uint32_t most = 0;
    for (uint32_t i = 0; i < advising->tree->nodes_count; i++) {
        uint64_t tail = advising->savings[i].tail;
        advising->tails += tail;
        advising->stripped += advising->uses[i].unlinked ? 0 : tail;
        count += tail > 0;
        most = tail > advising->savings[most].tail ? i : most;
    }
    if (!count)
        return;
    char *path = cramfs_node_path(advising->tree->nodes[most]);
    NOTE(advising, path,
         "stripping this file saves the most: symbols, debug information and section headers of %u "
         "ELF files take about %" PRIu64 " bytes of the image, and no loader reads them",
         count, advising->tails);
    free(path);
}

/* The flash that is then left of SIZE for running in place, and the RAM that this saves. */
static void report_rest(const struct advising *advising)
{
    uint64_t less = advising->unlinked + advising->stripped;
    uint64_t then = advising->bare > less ? advising->bare - less : 0;
    const char *of = less ? "without those libraries, and stripped, " : "";
    if (then > advising->limit) {
        NOTE(advising, NULL,
             "%sthe image has about %" PRIu64 " bytes with nothing in place, still %" PRIu64
             " bytes too many: leave out some of the files above with --exclude=GLOB, and build "
             "with --fit=%" PRIu64,
             of, then, then - advising->limit, advising->limit);
        return;
    }
    struct cramfs_plan *plan =
        plan_with(advising->arguments, advising->tree, advising->limit - then);
    if (plan)
        NOTE(advising, NULL,
             "%sthe image has about %" PRIu64 " bytes with nothing in place, which leaves %" PRIu64
             " bytes for pages in place: they save up to %" PRIu64
             " pages of RAM; build with --fit=%" PRIu64,
             of, then, advising->limit - then, cramfs_plan_summary(plan)->budget.pages,
             advising->limit);
    cramfs_plan_free(plan);
}

static int look(struct advising *advising, const struct cramfs_plan *plan)
{
    uint32_t nodes = advising->tree->nodes_count;
    uint64_t *loaded = calloc(nodes, sizeof(*loaded));
    int error = loaded ? find_elf_use(advising->tree, advising->uses) : -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; !error && i < nodes; i++)
        loaded[i] = advising->uses[i].loaded;
    if (!error)
        error = plan_savings(plan, loaded, advising->savings);
    free(loaded);
    return error;
}

void advise(const struct arguments *arguments, struct cramfs_tree *tree, uint64_t limit)
{
    struct cramfs_plan *bare = plan_with(arguments, tree, 0);
    struct advising advising = {
        .arguments = arguments,
        .tree = tree,
        .limit = limit,
        .uses = calloc(tree->nodes_count, sizeof(*advising.uses)),
        .savings = calloc(tree->nodes_count, sizeof(*advising.savings)),
        .order = calloc(tree->nodes_count, sizeof(*advising.order)),
    };
    if (bare && advising.uses && advising.savings && advising.order && look(&advising, bare) == 0) {
        advising.bare = cramfs_plan_summary(bare)->budget.bare_size;
        report_range(&advising, &cramfs_plan_summary(bare)->budget);
        report_directories(&advising);
        report_files(&advising);
        report_twins(&advising);
        report_unlinked(&advising);
        report_tails(&advising);
        report_rest(&advising);
    }
    cramfs_plan_free(bare);
    free(advising.uses);
    free(advising.savings);
    free(advising.order);
}
