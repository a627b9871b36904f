/*
 * Building an image: a plan is made of a tree, then written.
 *
 * Making the plan reads every file once, decides which pages go in place, encodes all blocks on a
 * worker pool, shares what is equal and lays everything out. Encoded blocks stay in memory. Writing
 * is then one pass from the first byte to the last, so the output can be a pipe.
 *
 * The same tree and options give the same bytes, whatever the number of jobs, the order of the
 * directory, the locale, the clock or the user.
 */
#ifndef CRAMFS_PLAN_H
#define CRAMFS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/codec.h"
#include "cramfs/declarations.h"
#include "cramfs/diag.h"
#include "cramfs/extent.h"
#include "cramfs/format.h"
#include "cramfs/like.h"
#include "cramfs/profile.h"
#include "cramfs/select.h"
#include "cramfs/swap.h"
#include "cramfs/tree.h"

CRAMFS_BEGIN_DECLARATIONS

/*
 * Fill in with cramfs_plan_options_init(), then change the values that should differ. The pointers
 * (name, boot_code, insert, profile, like) are the caller's, and must outlive the plan.
 */
struct cramfs_plan_options {
    size_t size; /* see declarations.h */
    enum cramfs_order order;
    uint32_t page_size;    /* of the kernel that will mount it */
    const char *name;      /* of the volume, at most 16 bytes; NULL for none */
    bool boot_area;        /* leaves the first 512 bytes to boot code */
    const void *boot_code; /* CRAMFS_BOOT_SIZE bytes for that area; NULL for zeroes */
    uint32_t edition;
    enum cramfs_xip xip;
    enum cramfs_kernel kernel; /* that is to run what is in place; V3 is built for like MMU */
    /*
     * Of all pages that could go in place, choose those that save the most RAM for the least flash:
     * up to `budget` bytes (UINT64_MAX: no limit), by the counts of `profile` if there is one (may
     * be NULL).
     */
    bool choose;
    uint64_t budget;
    const struct cramfs_profile *profile;
    /*
     * With a profile, on a kernel with an MMU: the most cuts of each read-only segment of an ELF
     * file (CRAMFS_SPLIT_MAX: as many as pay), 0 for none. A cut divides a segment into several
     * PT_LOADs, each with pages in place at its beginning: the file is changed, and has more
     * mappings. A cut is made only where it saves more bytes of flash than it costs:
     * CRAMFS_MAPPING_COST in each process that maps the file. A choice with cuts saves everything
     * that the choice without cuts saves.
     */
    unsigned split;
    bool stale_profile; /* a file that changed since its profile is a warning, not an error */
    bool holes;         /* blocks of zeroes take no bytes */
    bool legacy;        /* no extended pointers: nothing in place, no block shared or stored */
    enum cramfs_compressor compressor;
    int level;
    unsigned jobs;         /* worker threads; 0 counts as 1 */
    enum cramfs_swap swap; /* done last: everything else describes the image before it */
    const void *insert;    /* bytes to put directly after the superblock; NULL for none */
    uint32_t insert_length;
    /*
     * Lay out like this older image (NULL: from scratch), so that few erase blocks of `erase_block`
     * bytes differ. The result may be `slack` percent larger than an image laid out from scratch,
     * and have at most `most_bytes`; otherwise the image is laid out from scratch, and a note says
     * so.
     */
    const struct cramfs_like *like;
    uint64_t erase_block;
    unsigned slack;
    uint64_t most_bytes;
    /* Called once for each regular file, in path order, with the decision; may be NULL. */
    void (*selected)(void *context, const struct cramfs_node *node,
                     const struct cramfs_selection *selection);
    /* Called now and then with how many of all bytes of files are encoded; may be NULL. */
    void (*progress)(void *context, uint64_t done, uint64_t all);
    void *context; /* of both */
    /*
     * With `choose`: the most bytes that the image is to have; 0 for no such limit. The budget is
     * then this less the size of the image with nothing in place, or `budget` where that is less.
     * When even the image with nothing in place is larger, nothing is chosen, and that is no error.
     */
    uint64_t fit;
};

/*
 * The defaults, also used for NULL: little endian, 4096-byte pages, XIP of read-only segments for
 * an MMU, holes, the default compressor and level, one job.
 */
void cramfs_plan_options_init_size(struct cramfs_plan_options *options, size_t size);
#define cramfs_plan_options_init(options)                                                          \
    cramfs_plan_options_init_size(options, sizeof(struct cramfs_plan_options))

/*
 * Checks that the values are in range, as cramfs_plan_create() does first: for a program that needs
 * to know before it reads the sources. Returns 0 or -CRAMFS_ERR_USAGE with one diagnostic.
 */
int cramfs_plan_options_check(const struct cramfs_plan_options *options,
                              struct cramfs_diags *diags);

#define CRAMFS_SPLIT_MAX 4096u

/* The default of programs that cut: with more cuts little more is saved. */
#define CRAMFS_DEFAULT_SPLIT 4u

/*
 * The cost of a cut: one more mapping, for which a kernel takes about 200 bytes in each process
 * that has the file mapped. CRAMFS_DEFAULT_PROCESSES are assumed where a profile does not say how
 * many.
 */
#define CRAMFS_MAPPING_COST      200u
#define CRAMFS_DEFAULT_PROCESSES 8u

/* The result of options.split. */
struct cramfs_split_summary {
    uint32_t files;    /* how many entries are changed */
    uint64_t mappings; /* how many more one process has, if it maps all of them */
};

/* With options.split: a file whose bytes differ from those in its source. */
struct cramfs_split_file {
    uint32_t node;     /* its number in the tree */
    uint32_t mappings; /* how many more it has */
};

/* The result of options.choose. */
struct cramfs_budget_summary {
    /*
     * Of flash: the size of the image with the choice, less the size with nothing in place and no
     * file cut, of the same tree with the same options; both laid out from scratch, so what
     * options.like adds is not in it. The flash_cost of the selections add up to it.
     */
    uint64_t cost;
    uint64_t full_cost;  /* with all in place that could be; UINT64_MAX when no image can hold it */
    uint64_t pages;      /* in place, each as often as it saves a page of RAM */
    uint64_t left_pages; /* that could be in place, and are not */
    uint64_t touched_pages; /* of `pages`, those that the profile has; 0 without one */
    /* What would be chosen next; next_pages is 0 when nothing is left. */
    uint32_t next_node;   /* its number in the tree */
    uint64_t next_offset; /* in the file */
    uint64_t next_pages;
    uint64_t next_cost;
    uint64_t bare_size; /* of the image with nothing in place */
    uint64_t must_cost; /* of what rules say must be in place: a part of `cost` */
};

/* The result of options.like. */
struct cramfs_like_summary {
    bool kept;             /* laid out like the older image, not from scratch */
    uint64_t erase_blocks; /* of the longer of the two images */
    uint64_t differing;    /* of these, those that differ or that only one of the two has */
    uint64_t fresh_size;   /* bytes of an image laid out from scratch */
};

/* The plan in numbers. */
struct cramfs_plan_summary {
    uint64_t image_size; /* bytes, as all below unless they say pages or blocks */
    uint64_t files_size; /* of regular files and links, each as often as the tree has it */
    uint64_t metadata;   /* superblock, directories, pointer tables */
    uint64_t deflated;
    uint64_t stored;
    uint64_t in_place; /* without the zeroes after each file's end */
    uint64_t inserted; /* of options.insert */
    uint64_t gaps;     /* alignment, and zeroes at the end */
    uint64_t in_place_pages;
    uint64_t hole_blocks;
    uint64_t shared_blocks;              /* pointers to a block that another pointer has already */
    uint64_t inodes_shared;              /* names beyond the first for one inode */
    uint32_t files;                      /* entries of the tree, the root included */
    struct cramfs_budget_summary budget; /* with options.choose */
    struct cramfs_split_summary split;   /* with options.split */
    struct cramfs_like_summary like;     /* with options.like */
    bool extended;                       /* the image needs a kernel of 4.15 or later */
};

struct cramfs_plan;

/*
 * Plans the image of a tree, and finishes the tree first (see cramfs_tree_finish()). The tree, and
 * all that the options point at, must outlive the plan, and the tree must not change until then;
 * with options.split its files may be longer meanwhile. Losses that tree->allow allows are only
 * warnings, and the tree is changed accordingly. Errors: _USAGE for options out of range, _LIMIT
 * for a tree that does not fit the format (every reason is reported), _IO and _CHANGED for files
 * that cannot be read (each is reported), _MEMORY. On failure *plan is NULL.
 */
int cramfs_plan_create(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                       struct cramfs_diags *diags, struct cramfs_plan **plan);
void cramfs_plan_free(struct cramfs_plan *plan);

const struct cramfs_plan_summary *cramfs_plan_summary(const struct cramfs_plan *plan);

/*
 * The files that options.split changes, in path order. `files` has room for summary->split.files
 * elements, and is filled.
 */
void cramfs_plan_split_files(const struct cramfs_plan *plan, struct cramfs_split_file *files);

/*
 * The planned extents, merged, in order of offset; an extent's owner is a node's number. Add to an
 * empty list. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int cramfs_plan_extents(const struct cramfs_plan *plan, struct cramfs_extents *extents);

/*
 * Writes the image to a file descriptor, from its current position. Returns 0, or -CRAMFS_ERR_IO
 * with a diagnostic that names `path`.
 */
int cramfs_plan_write(const struct cramfs_plan *plan, int file, const char *path,
                      struct cramfs_diags *diags);

/*
 * Writes the image to memory with room for the summary's image_size bytes. Returns 0,
 * -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_INTERNAL; after an error the bytes are no image.
 */
int cramfs_plan_write_memory(const struct cramfs_plan *plan, void *to, struct cramfs_diags *diags);

/*
 * A whole build in one call: finishes the tree, plans its image, and writes that to `path` as
 * output.h describes, so that it appears whole or not at all. Returns 0 or the errors of
 * cramfs_plan_create(), cramfs_plan_write() and cramfs_output_open().
 */
int cramfs_build_file(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                      const char *path, struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
