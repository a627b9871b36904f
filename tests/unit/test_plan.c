/*
 * From a tree in memory to an image in memory and back: found extents equal the planned ones, block
 * by block, and each file reads as before.
 */
#include "unit.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cramfs/check.h"
#include "cramfs/plan.h"
#include "elf_header.h"

enum { PAGE = 4096 };

/* Files whose bytes are in memory: the source finds them by the node's modification time. */
struct memory_source {
    struct cramfs_source base;
    const unsigned char *contents[64];
    unsigned count;
    int64_t failing; /* reading the file of this number fails so: */
    int failure;
    unsigned reads; /* that went well */
};

static int read_memory(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                       struct cramfs_diags *diags)
{
    struct memory_source *source = (struct memory_source *)(uintptr_t)base;
    if (source->failure && node->modified_seconds == source->failing)
        return cramfs_node_fail(diags, (enum cramfs_error) - source->failure, node, "it fails");
    source->reads++;
    memcpy(to, source->contents[node->modified_seconds], (size_t)node->size);
    return 0;
}

struct specimen {
    struct cramfs_tree *tree;
    struct memory_source source;
    struct cramfs_plan_options options;
    struct cramfs_plan *plan;
    struct cramfs_image image;
    struct cramfs_survey survey;
    unsigned char *bytes;
    uint64_t findings;
    enum cramfs_rule last_rule;
    bool in_place[64]; /* by node: some of its pages are meant to be */
};

static void begin(struct specimen *specimen)
{
    memset(specimen, 0, sizeof(*specimen));
    specimen->tree = cramfs_tree_create();
    specimen->source.base.read = read_memory;
    cramfs_plan_options_init(&specimen->options);
}

static struct cramfs_node *add_file(struct specimen *specimen, const char *name,
                                    const unsigned char *bytes, size_t size)
{
    struct cramfs_node *node =
        cramfs_tree_put(specimen->tree, specimen->tree->root, name, S_IFREG | 0644);
    node->size = size;
    node->source = &specimen->source.base;
    node->modified_seconds = specimen->source.count;
    specimen->source.contents[specimen->source.count++] = bytes;
    return node;
}

static void note_selection(void *context, const struct cramfs_node *node,
                           const struct cramfs_selection *selection)
{
    struct specimen *specimen = context;
    if (node->number < COUNT(specimen->in_place))
        specimen->in_place[node->number] = selection->pages > 0;
}

/*
 * A stored last block that is not meant to be in place is sometimes on a page by chance: that
 * depends on the compressed lengths of the blocks before it.
 */
static bool is_chance(const struct specimen *specimen, const struct cramfs_finding *finding)
{
    return finding->rule == CRAMFS_RULE_TAIL_SHARED && finding->entry < COUNT(specimen->in_place) &&
           !specimen->in_place[finding->entry];
}

static void count_finding(void *context, const struct cramfs_finding *finding)
{
    struct specimen *specimen = context;
    if (is_chance(specimen, finding))
        return;
    specimen->findings++;
    specimen->last_rule = finding->rule;
    printf("finding: %s: %s\n", cramfs_rule_info(finding->rule)->name, finding->text);
}

static void write_to_memory(struct specimen *specimen)
{
    int file = memfd_create("image", 0);
    size_t size = (size_t)cramfs_plan_summary(specimen->plan)->image_size;
    assert_int_equal(cramfs_plan_write(specimen->plan, file, "image", NULL), 0);
    assert_int_equal(lseek(file, 0, SEEK_END), size);
    specimen->bytes = malloc(size);
    assert_int_equal(pread(file, specimen->bytes, size, 0), size);
    close(file);
    unsigned char *again = malloc(size);
    assert_int_equal(cramfs_plan_write_memory(specimen->plan, again, NULL), 0);
    assert_memory_equal(again, specimen->bytes, size);
    free(again);
    struct cramfs_open_options open = {.page_size = specimen->options.page_size};
    assert_int_equal(cramfs_image_open_memory(specimen->bytes, size, &open, &specimen->image, NULL),
                     0);
}

static void check_planned_is_found(struct specimen *specimen)
{
    struct cramfs_extents planned = {0};
    assert_int_equal(cramfs_plan_extents(specimen->plan, &planned), 0);
    cramfs_extents_merge(&specimen->survey.extents);
    const struct cramfs_extents *found = &specimen->survey.extents;
    assert_int_equal(planned.list_count, found->list_count);
    for (size_t i = 0; i < planned.list_count; i++)
        assert_memory_equal(&planned.list[i], &found->list[i], sizeof(planned.list[i]));
    cramfs_extents_free(&planned);
}

static void check_contents(struct specimen *specimen)
{
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    for (uint32_t i = 0; i < specimen->survey.entries.list_count; i++) {
        const struct cramfs_entry *entry = &specimen->survey.entries.list[i];
        const struct cramfs_node *node = specimen->tree->nodes[i];
        assert_int_equal(entry->inode.mode, node->mode);
        assert_int_equal(entry->inode.uid, node->uid);
        if (!S_ISREG(node->mode))
            continue;
        assert_int_equal(entry->inode.size, node->size);
        unsigned char *bytes;
        assert_int_equal(cramfs_image_read_file(&specimen->image, &entry->inode, inflater, &bytes),
                         0);
        assert_memory_equal(bytes, specimen->source.contents[node->modified_seconds],
                            (size_t)node->size);
        free(bytes);
    }
    cramfs_inflater_free(inflater);
}

/* Plans, writes, reads back, checks. The checker finds nothing in our images. */
static void prove(struct specimen *specimen)
{
    struct cramfs_listener listener = {count_finding, specimen};
    struct cramfs_check_options options = {.jobs = 1};
    assert_int_equal(cramfs_tree_finish(specimen->tree), 0);
    struct cramfs_diags diags = {0};
    specimen->options.selected = note_selection;
    specimen->options.context = specimen;
    int error = cramfs_plan_create(specimen->tree, &specimen->options, &diags, &specimen->plan);
    if (error)
        fail_msg("plan: %s", diags.list_count ? diags.list[0].text : "?");
    cramfs_diags_free(&diags);
    write_to_memory(specimen);
    specimen->image.unaligned = specimen->options.kernel == CRAMFS_KERNEL_NOMMU;
    assert_int_equal(cramfs_survey(&specimen->image, &listener, &specimen->survey), 0);
    assert_int_equal(cramfs_check(&specimen->image, &specimen->survey, &options, &listener), 0);
    assert_int_equal(specimen->findings, 0);
    check_contents(specimen);
    check_planned_is_found(specimen);
}

static void end(struct specimen *specimen)
{
    cramfs_survey_free(&specimen->survey);
    cramfs_image_close(&specimen->image);
    cramfs_plan_free(specimen->plan);
    free(specimen->bytes);
    cramfs_tree_free(specimen->tree);
}

static const struct cramfs_inode *inode_of(const struct specimen *specimen, uint32_t entry)
{
    return &specimen->survey.entries.list[entry].inode;
}

static unsigned char text[8 * PAGE];  /* compresses */
static unsigned char noise[8 * PAGE]; /* does not */

static int fill(void **state)
{
    (void)state;
    srand(1);
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (unsigned char)("abcdefgh"[rand() % 8]);
        noise[i] = (unsigned char)rand();
    }
    return 0;
}

static void an_empty_tree_is_one_page(void **state)
{
    (void)state;
    struct specimen specimen;
    begin(&specimen);
    prove(&specimen);
    assert_int_equal(specimen.image.super.size, PAGE);
    assert_int_equal(inode_of(&specimen, 0)->offset, 0);
    end(&specimen);
}

static void equal_files_of_one_owner_are_one_inode(void **state)
{
    (void)state;
    struct specimen specimen;
    begin(&specimen);
    add_file(&specimen, "a", text, sizeof(text));
    add_file(&specimen, "b", text, sizeof(text));
    prove(&specimen);
    assert_int_equal(inode_of(&specimen, 1)->offset, inode_of(&specimen, 2)->offset);
    assert_int_equal(cramfs_plan_summary(specimen.plan)->inodes_shared, 1);
    end(&specimen);
}

static void equal_files_of_other_owners_share_only_their_blocks(void **state)
{
    (void)state;
    struct specimen specimen;
    begin(&specimen);
    add_file(&specimen, "a", text, sizeof(text));
    add_file(&specimen, "b", text, sizeof(text))->uid = 7;
    add_file(&specimen, "c", text, sizeof(text))->mode = S_IFREG | 04755;
    prove(&specimen);
    assert_int_not_equal(inode_of(&specimen, 1)->offset, inode_of(&specimen, 2)->offset);
    assert_int_not_equal(inode_of(&specimen, 1)->offset, inode_of(&specimen, 3)->offset);
    assert_int_equal(cramfs_plan_summary(specimen.plan)->shared_blocks, 16);
    end(&specimen);
}

static void legacy_images_have_only_plain_pointers(void **state)
{
    (void)state;
    struct specimen specimen;
    begin(&specimen);
    specimen.options.legacy = true;
    add_file(&specimen, "a", text, sizeof(text));
    add_file(&specimen, "b", text, sizeof(text))->uid = 7;
    add_file(&specimen, "c", noise, sizeof(noise));
    prove(&specimen);
    assert_int_equal(specimen.image.super.flags & CRAMFS_FLAG_EXT_BLOCK_POINTERS, 0);
    assert_int_equal(cramfs_plan_summary(specimen.plan)->shared_blocks, 0);
    assert_int_equal(cramfs_plan_summary(specimen.plan)->stored, 0);
    end(&specimen);
}

static void an_image_without_need_does_not_claim_extended_pointers(void **state)
{
    (void)state;
    struct specimen specimen;
    begin(&specimen);
    add_file(&specimen, "a", text, sizeof(text));
    prove(&specimen);
    assert_int_equal(specimen.image.super.flags & CRAMFS_FLAG_EXT_BLOCK_POINTERS, 0);
    end(&specimen);
}

static void holes_are_announced(void **state)
{
    (void)state;
    static unsigned char sparse[5 * PAGE];
    memcpy(sparse + PAGE, text, PAGE);
    struct specimen specimen;
    begin(&specimen);
    add_file(&specimen, "a", sparse, sizeof(sparse));
    prove(&specimen);
    assert_int_not_equal(specimen.image.super.flags & CRAMFS_FLAG_HOLES, 0);
    assert_int_equal(cramfs_plan_summary(specimen.plan)->hole_blocks, 4);
    end(&specimen);
    begin(&specimen);
    specimen.options.holes = false;
    add_file(&specimen, "a", sparse, sizeof(sparse));
    prove(&specimen);
    assert_int_equal(specimen.image.super.flags & CRAMFS_FLAG_HOLES, 0);
    end(&specimen);
}

/* A run in the middle of two files, with and without a tail of its own: shared at its head only. */
static void runs_are_shared_in_the_middle_of_files(void **state)
{
    (void)state;
    static unsigned char first[6 * PAGE], second[7 * PAGE], third[3 * PAGE + 99];
    memcpy(first, text, sizeof(first));
    memcpy(second, noise, PAGE);
    memcpy(second + PAGE, text + PAGE, 3 * PAGE);
    memcpy(second + 5 * PAGE, noise + PAGE, 2 * PAGE); /* a hole at 4 */
    memcpy(third, text + 2 * PAGE, 2 * PAGE);
    memcpy(third + 2 * PAGE, noise, PAGE + 99);
    struct specimen specimen;
    begin(&specimen);
    add_file(&specimen, "first", first, sizeof(first));
    add_file(&specimen, "second", second, sizeof(second));
    add_file(&specimen, "third", third, sizeof(third));
    prove(&specimen);
    assert_true(cramfs_plan_summary(specimen.plan)->shared_blocks >= 6);
    end(&specimen);
}

/* Trap 1 through the back door: a stored page shared as the last of a file of whole pages. */
/* A file in place of two pages and a bit; around it files that are compressed and have its pages.
 */
static void add_pages_in_place_and_not(struct specimen *specimen, unsigned char *mixed)
{
    enum { TAIL = 100 };
    memcpy(mixed, text + 4 * PAGE, PAGE);
    memcpy(mixed + PAGE, text, PAGE);
    memcpy(mixed + 2 * PAGE, noise, PAGE);
    memcpy(mixed + 3 * PAGE, text + PAGE, PAGE);
    add_file(specimen, "a", mixed, 4 * PAGE);
    add_file(specimen, "b", text, 2 * PAGE + TAIL)->xip = CRAMFS_XIP_FILE;
    add_file(specimen, "c", text + PAGE, PAGE + TAIL);
}

static void what_stands_in_place_is_not_stored_again(void **state)
{
    (void)state;
    static unsigned char mixed[4 * PAGE];
    struct specimen specimen;
    begin(&specimen);
    add_pages_in_place_and_not(&specimen, mixed);
    prove(&specimen);
    const struct cramfs_plan_summary *summary = cramfs_plan_summary(specimen.plan);
    assert_int_equal(summary->in_place_pages, 3);
    /* All but the last page of `a`: a direct stored block cannot be the last of whole pages. */
    assert_int_equal(summary->shared_blocks, 3);
    end(&specimen);

    /* Where the kernel keeps direct mappings by address, each has pages of its own. */
    begin(&specimen);
    specimen.options.kernel = CRAMFS_KERNEL_NOMMU;
    add_pages_in_place_and_not(&specimen, mixed);
    prove(&specimen);
    assert_int_equal(cramfs_plan_summary(specimen.plan)->shared_blocks, 1);
    end(&specimen);
}

static void a_stored_page_is_never_the_direct_last_of_whole_pages(void **state)
{
    (void)state;
    static unsigned char whole[2 * PAGE], other[3 * PAGE];
    memcpy(whole, text, PAGE);
    memcpy(whole + PAGE, noise, PAGE);
    memcpy(other, noise, PAGE);
    memcpy(other + PAGE, noise + PAGE, PAGE);
    memcpy(other + 2 * PAGE, noise, PAGE);
    static const char *const orders[][2] = {{"a", "b"}, {"b", "a"}};
    for (size_t i = 0; i < COUNT(orders); i++) {
        struct specimen specimen;
        begin(&specimen);
        add_file(&specimen, orders[i][0], whole, sizeof(whole));
        add_file(&specimen, orders[i][1], other, sizeof(other));
        add_file(&specimen, "c", noise, PAGE);
        add_file(&specimen, "d", noise, PAGE)->uid = 1;
        add_file(&specimen, "e", noise, PAGE + 1);
        prove(&specimen);
        end(&specimen);
    }
}

static void any_mixture_reads_as_it_was(void **state)
{
    (void)state;
    enum { FILES = 60, ROUNDS = 60, SEED = 20261120 };
    srand(SEED);
    printf("seed %d\n", SEED);
    for (int round = 0; round < ROUNDS; round++) {
        static unsigned char contents[FILES][12 * PAGE];
        struct specimen specimen;
        begin(&specimen);
        specimen.options.order = round % 2 ? CRAMFS_BIG : CRAMFS_LITTLE;
        specimen.options.page_size = (uint32_t)PAGE << (round / 2 % 3);
        specimen.options.legacy = round % 7 == 6;
        specimen.options.holes = round % 5 != 4;
        specimen.options.jobs = 1 + (unsigned)round % 3;
        specimen.options.swap = (enum cramfs_swap)(round / 3 % 3);
        for (int i = 0; i < FILES; i++) {
            size_t pages = (size_t)(rand() % 12);
            memset(contents[i], 0, sizeof(contents[i]));
            for (size_t j = 0; j <= pages && j < 12; j++) {
                unsigned char *page = contents[i] + j * PAGE;
                int kind = rand() % 4;
                size_t from = (size_t)(rand() % 8) * PAGE;
                if (kind == 0)
                    memcpy(page, text + from, PAGE);
                else if (kind == 1)
                    memcpy(page, noise + from, PAGE);
                else if (kind == 2 && i && j)
                    memcpy(page - PAGE, contents[rand() % i], PAGE);
            }
            size_t size = pages * PAGE + (rand() % 3 ? (size_t)(rand() % PAGE) : 0);
            char name[16];
            snprintf(name, sizeof(name), "f%d", i);
            add_file(&specimen, name, contents[i], size)->uid = (uint32_t)(rand() % 2);
        }
        prove(&specimen);
        end(&specimen);
    }
}

/* Three files; the middle one cannot be read. */
static void begin_with_failure(struct specimen *specimen, int failure)
{
    static const unsigned char bytes[] = "some bytes of a file";
    begin(specimen);
    add_file(specimen, "a", bytes, sizeof(bytes));
    add_file(specimen, "b", bytes, sizeof(bytes) - 1);
    add_file(specimen, "c", bytes, sizeof(bytes) - 2);
    specimen->source.failing = 1;
    specimen->source.failure = failure;
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    const int failures[] = {-CRAMFS_ERR_IO, -CRAMFS_ERR_CHANGED};
    for (size_t i = 0; i < COUNT(failures); i++) {
        struct specimen specimen;
        struct cramfs_diags diags = {0};
        begin_with_failure(&specimen, failures[i]);
        /* What else may be lost does not matter. */
        specimen.tree->allow = CRAMFS_ALL_LOSSES & ~CRAMFS_LOSS_BIT(CRAMFS_LOSS_UNREADABLE) &
                               ~CRAMFS_LOSS_BIT(CRAMFS_LOSS_CHANGED);
        assert_int_equal(cramfs_tree_finish(specimen.tree), 0);
        assert_int_equal(
            cramfs_plan_create(specimen.tree, &specimen.options, &diags, &specimen.plan),
            failures[i]);
        assert_int_equal(diags.errors, 1);
        assert_int_equal(specimen.source.reads, 2); /* the others, to report all errors */
        cramfs_diags_free(&diags);
        end(&specimen);
    }
}

static void a_file_whose_loss_is_allowed_is_left_out(void **state)
{
    (void)state;
    const struct {
        int failure;
        enum cramfs_loss loss;
    } cases[] = {{-CRAMFS_ERR_IO, CRAMFS_LOSS_UNREADABLE},
                 {-CRAMFS_ERR_CHANGED, CRAMFS_LOSS_CHANGED}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct specimen specimen;
        begin_with_failure(&specimen, cases[i].failure);
        specimen.tree->allow = CRAMFS_LOSS_BIT(cases[i].loss);
        prove(&specimen);
        assert_int_equal(specimen.survey.entries.list_count, 3); /* the root, a and c */
        assert_string_equal(specimen.tree->nodes[2]->name, "c");
        end(&specimen);
    }
}

enum { PROGRAM_PAGES = 40 };

/* A program of one read-only segment, with room for a longer table after it, or without. */
static void make_program(unsigned char *bytes, bool room)
{
    size_t length = PROGRAM_PAGES * PAGE - 1500;
    memset(bytes, room ? 0 : 1, PROGRAM_PAGES * PAGE);
    for (size_t at = 0; at < length; at++) /* half of each page compresses */
        bytes[at] = (unsigned char)(at % PAGE < PAGE / 2 ? 'x' : rand());
    Elf32_Ehdr header = elf_header(ET_EXEC, 1);
    Elf32_Phdr segment = elf_segment(PF_R | PF_X, 0, 0x10000, (uint32_t)length);
    memcpy(bytes, &header, sizeof(header));
    memcpy(bytes + sizeof(header), &segment, sizeof(segment));
}

static struct cramfs_profile *read_profile(const char *profile_text)
{
    char path[32];
    struct cramfs_profile *profile;
    int file = memfd_create("profile", 0);
    assert_int_equal(write(file, profile_text, strlen(profile_text)), strlen(profile_text));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    assert_int_equal(cramfs_profile_read(path, &profile, NULL), 0);
    close(file);
    return profile;
}

static void plan_again_and_again(bool room)
{
    struct specimen specimen;
    unsigned char *program = malloc(PROGRAM_PAGES * PAGE);
    unsigned char *first = NULL;
    size_t first_size = 0;
    make_program(program, room);
    begin(&specimen);
    add_file(&specimen, "p", program, PROGRAM_PAGES * PAGE)->mode |= 0111;
    struct cramfs_profile *profile = read_profile("path,offset,count\n/p,0,1\n/p,81920,1\n");
    specimen.options.choose = true;
    specimen.options.budget = UINT64_MAX;
    specimen.options.profile = profile;
    specimen.options.split = CRAMFS_DEFAULT_SPLIT;
    for (int round = 0; round < 3; round++) {
        assert_int_equal(cramfs_plan_create(specimen.tree, &specimen.options, NULL, &specimen.plan),
                         0);
        const struct cramfs_plan_summary *summary = cramfs_plan_summary(specimen.plan);
        assert_int_equal(specimen.tree->nodes[1]->size > PROGRAM_PAGES * PAGE, !room);
        assert_int_equal(summary->split.files, 1);
        assert_int_equal(summary->split.mappings, room ? 1 : 2); /* the table has its own */
        size_t size = (size_t)summary->image_size;
        unsigned char *bytes = malloc(size);
        assert_int_equal(cramfs_plan_write_memory(specimen.plan, bytes, NULL), 0);
        if (first) {
            assert_int_equal(size, first_size);
            assert_memory_equal(bytes, first, size);
        }
        free(first);
        first = bytes;
        first_size = size;
        cramfs_plan_free(specimen.plan);
        specimen.plan = NULL;
        assert_int_equal(specimen.tree->nodes[1]->size, PROGRAM_PAGES * PAGE);
    }
    free(first);
    end(&specimen);
    cramfs_profile_free(profile);
    free(program);
}

static void a_tree_that_was_planned_with_cuts_is_planned_alike_again(void **state)
{
    (void)state;
    plan_again_and_again(true);
    plan_again_and_again(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_tree_is_one_page),
        cmocka_unit_test(equal_files_of_one_owner_are_one_inode),
        cmocka_unit_test(equal_files_of_other_owners_share_only_their_blocks),
        cmocka_unit_test(legacy_images_have_only_plain_pointers),
        cmocka_unit_test(an_image_without_need_does_not_claim_extended_pointers),
        cmocka_unit_test(holes_are_announced),
        cmocka_unit_test(runs_are_shared_in_the_middle_of_files),
        cmocka_unit_test(what_stands_in_place_is_not_stored_again),
        cmocka_unit_test(a_stored_page_is_never_the_direct_last_of_whole_pages),
        cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
        cmocka_unit_test(a_file_whose_loss_is_allowed_is_left_out),
        cmocka_unit_test(any_mixture_reads_as_it_was),
        cmocka_unit_test(a_tree_that_was_planned_with_cuts_is_planned_alike_again),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
