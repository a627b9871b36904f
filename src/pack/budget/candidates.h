/*
 * Candidates: the mappings whose pages could go in place.
 */
#ifndef CRAMFS_PACK_BUDGET_CANDIDATES_H
#define CRAMFS_PACK_BUDGET_CANDIDATES_H

#include "pack/blocks/encode.h"
#include "pack/budget/curve.h"

/* One mapping of one content, and how far it is taken. */
struct candidate {
    uint32_t content;
    uint32_t first_node; /* in path order */
    uint32_t first_page;
    uint32_t pages;      /* how many, from first_page on, could be in place */
    size_t joins[2];     /* how far back in the list the mappings are that it continues; 0: none */
    uint32_t must;       /* the prefix that a rule says must be in place */
    uint32_t kept;       /* the prefix that the older image has in place */
    uint32_t kept_alone; /* `kept`, or 0 if these pages are part of other candidates' longer runs */
    uint32_t reach;      /* while steps are listed: the longest prefix that they may take */
    uint32_t taken;      /* the prefix that is taken */
    uint64_t offset;     /* of the mapping in the file; decides ties */
    struct worth *curve; /* of each prefix, 0 to `pages` */
    uint32_t *next;      /* by prefix: the next one on the curve's hull */
    uint32_t version;    /* grows when curve and hull are drawn again */
};

/*
 * A step takes a candidate from one prefix to a longer one, along its curve. The density of a step
 * is its gain divided by its cost.
 */
struct budget_step {
    uint32_t candidate;
    uint32_t version;
    uint32_t from;
    uint32_t to;
    struct worth worth;
};

struct candidates {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    uint32_t *inodes;        /* by content: how many inodes have it */
    uint32_t *first_node;    /* by content */
    size_t *first_candidate; /* by content, plus the end: its candidates are adjacent */
    uint32_t *most_cuts;     /* by content: the lowest limit on cuts among its names */
    uint32_t *processes;     /* by content: the most processes that map one name; 0: unknown */
    bool *leads;             /* by node: it is the first name of its inode */
    uint32_t *uses;          /* by block: how many refs to it there are */
    uint64_t *gains;         /* by ref: what one page in place saves */
    uint32_t *taken;         /* by ref: how many candidates have taken it */
    uint32_t *normal;        /* by ref: its block if the page is not in place */
    struct candidate *list;
    size_t list_count;
    size_t list_capacity;
    uint64_t *visited; /* by candidate: the last round in which it was visited */
    uint64_t round;
    struct budget_step *heap; /* the next step of each candidate, the best on top */
    size_t heap_count;
    size_t heap_capacity;
    struct budget_step *steps; /* all steps, in the order in which they are taken */
    size_t steps_count;
    size_t steps_capacity;
    bool alone;        /* `kept_alone` counts, and not `kept` */
    size_t must_steps; /* how many of the first steps are for pages that must be in place */
    size_t kept_steps; /* how many are for these, or for pages that stay in place */
};

/*
 * Finds all candidates; none is taken, and order.h lists their steps. Returns 0 or
 * -CRAMFS_ERR_MEMORY; free it in any case.
 */
int candidates_find(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                    struct encoded_tree *encoded, struct candidates *candidates);
void candidates_free(struct candidates *candidates);

/* Takes the first `count` steps, and no others. */
void candidates_take(struct candidates *candidates, size_t count);

/* Takes the candidate's pages from one prefix to another; or, with `back`, undoes just that. */
void candidates_mark(struct candidates *candidates, const struct candidate *candidate,
                     uint32_t from, uint32_t to, bool back);

typedef void visit_ref(struct candidates *candidates, uint32_t content, size_t ref, void *context);

/*
 * If a mapping continues another one that has no direct page, the kernel merges the two. So before
 * a page of the candidate can be direct, the first page of each mapping that it continues must be
 * in place; those mappings may in turn continue others. Calls `visit` once for the ref of each of
 * these first pages.
 */
void candidates_visit_joined(struct candidates *candidates, const struct candidate *candidate,
                             visit_ref *visit, void *context);

/*
 * The flash cost of one page: what it takes in place, less what it takes otherwise. This is an
 * estimate, since only the layout knows about padding. `ref` is the page's place in the encoded
 * tree's refs.
 */
uint64_t candidates_page_cost(const struct candidates *candidates, uint32_t content, size_t ref);

#endif
