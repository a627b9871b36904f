/*
 * Cut files: each is read again, cut, and the few pages that change are encoded. Files are
 * remembered by their cuts, so that a cut file is made once, however many choices it is tried in.
 * The bytes of the files that were read last are kept, too: a file is cut in many ways.
 */
#ifndef CRAMFS_PACK_BUDGET_CUTS_CUT_FORMS_H
#define CRAMFS_PACK_BUDGET_CUTS_CUT_FORMS_H

#include "pack/budget/cuts/cuts.h"

/* A page that differs in the cut file, and its refs. */
struct changed_page {
    uint32_t page; /* of the file */
    uint32_t ref;
    uint32_t placed;
};

/* A content with certain cuts. */
struct cut_form {
    uint32_t content;
    uint32_t *cuts; /* pages of the file, ascending */
    size_t cuts_count;
    uint32_t size;  /* of the cut file, bytes */
    uint32_t added; /* mappings */
    uint32_t pages; /* that may be in place */
    size_t first_mapping;
    size_t mappings_count;
    size_t first_changed; /* of its changed pages, ascending */
    size_t changed_count;
};

struct cut_forms {
    struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    struct cramfs_diags *diags;
    size_t contents_count;
    uint32_t *first_node; /* by content: the first regular file with it, or NO_CONTENT */
    struct cut_form *list;
    size_t list_count;
    size_t list_capacity;
    struct hash_index index; /* of the list, by content and cuts */
    struct changed_page *changed;
    size_t changed_count;
    size_t changed_capacity;
    unsigned char **bytes; /* by content: its file, if it is kept */
    uint64_t bytes_kept;   /* in all; at most CRAMFS_MAX_FILE_SIZE */
    unsigned char *cut;    /* room for one cut file */
    size_t cut_room;
};

/* `encoded` has no cut file yet. Returns 0 or -CRAMFS_ERR_MEMORY; end it in any case. */
int cut_forms_begin(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                    struct encoded_tree *encoded, struct cramfs_diags *diags,
                    struct cut_forms *forms);
void cut_forms_end(struct cut_forms *forms);

/*
 * Makes all listed forms that are not known. No file of the encoded tree is cut at that time. Adds
 * blocks and mappings to the encoded tree. Returns 0, -CRAMFS_ERR_MEMORY, or the error of a source
 * that can no longer be read, with diagnostics; after an error no form may be used.
 */
int cut_forms_make(struct cut_forms *forms, const struct cuts *cuts);

/* The form of a content with these cuts, which cut_forms_make() made. */
const struct cut_form *cut_forms_find(const struct cut_forms *forms,
                                      const struct content_cuts *cuts);

#endif
