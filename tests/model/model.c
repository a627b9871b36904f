/*
 * Compares the checker with the model of the kernel: changes sound images, and judges each that the
 * checker calls clean.
 *
 *     model [--images N] [--seed N] [--only SEED] [--save DIRECTORY] [--samples N] BASE...
 *     model --judge PAGE IMAGE...
 *
 * Each image comes from its own seed, which is printed with a fault; --only makes that image again.
 * --save keeps wrong images, and one in N clean ones with the tree that the model shows, and of
 * all, one in N of those that are not sound, with the reason. --judge prints the model's verdict on
 * images for that page size.
 *
 * The exit status is 0, or 1 when the checker calls an image clean that a kernel shows otherwise, 8
 * when a base is not sound or cannot be read, 16 for a wrong option.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker.h"
#include "save.h"
#include "tally.h"

enum { MOST_SHOWN = 100, BASE_UNFIT = 8, WRONG_USE = 16 };

struct options {
    uint64_t images, seed, only;
    bool has_only;
    const char *save;
    uint64_t samples; /* one in so many clean images is kept */
    uint64_t judge;   /* the page; 0: images are made */
};

struct run {
    const struct options *options;
    struct base *bases;
    size_t bases_count;
    struct subject subject;
    struct mount mount;
    uint64_t tried, clean, sound, both, wrong, panics;
    uint64_t mistaken;     /* clean for the page that was found out, not sound for their own */
    struct tally wrongs;   /* called clean and not sound, or read otherwise: why */
    struct tally needless; /* sound, and not called clean: rules */
    struct tally changes;  /* of clean images */
    struct tally unsound;  /* why images are not */
};

/* A path as one printable line. */
static void print_path(const char *path)
{
    for (; *path; path++)
        printf(*path > ' ' && *path < 0x7f && *path != '\\' ? "%c" : "\\%03o",
               (unsigned)(unsigned char)*path);
}

static void say_wrong(struct run *run, uint64_t seed, const char *problem, const char *where,
                      const char *which)
{
    run->wrong++;
    tally_add(&run->wrongs, problem);
    if (run->wrong <= MOST_SHOWN) {
        printf("seed %" PRIu64 ": %s [%s]: called clean; ", seed, run->subject.base->name,
               run->subject.changes);
        print_path(where);
        printf(": %s%s%s\n", problem, which ? ", " : "", which ? which : "");
    }
    if (run->options->save)
        save_image(run->options->save, "wrong", seed, &run->subject);
}

/* One in that many is kept, for other tests. */
static bool is_sample(const struct run *run, uint64_t count)
{
    return run->options->save && run->options->samples && count % run->options->samples == 0;
}

/*
 * Called clean, and sound: the library must read the same, and warn of images that panic a kernel
 * without an MMU.
 */
static void hold_trees(struct run *run, uint64_t seed, const struct check *check,
                       struct judgement *judgement)
{
    const struct subject *subject = &run->subject;
    char where[512] = "";
    mount_image(&run->mount, subject->bytes, subject->length, ON_MTD, check->big, check->page);
    const char *problem = compare_tree(check, &judgement->view, &run->mount, where, sizeof(where));
    bool panics = panics_without_mmu(&judgement->view, &run->mount);
    unmount(&run->mount);
    run->panics += panics;
    if (!problem && panics != check->panics)
        problem = panics ? "a kernel without an MMU panics" : "no kernel without an MMU panics";
    tally_add(&run->changes, subject->changes);
    run->both += !problem;
    if (problem) {
        say_wrong(run, seed, problem, where, NULL);
    } else if (is_sample(run, run->both)) {
        save_image(run->options->save, "clean", seed, subject);
        save_tree(run->options->save, "clean", seed, &judgement->view, check->page);
    }
}

/* Not called clean. Sound images can have findings about other things than a kernel's view. */
static void count_findings(struct run *run, uint64_t seed, const struct check *check,
                           const struct judgement *judgement, uint32_t page)
{
    if (!judgement->problem) {
        tally_add(&run->needless, check->rules);
    } else if (is_sample(run, run->tried)) {
        save_image(run->options->save, "unsound", seed, &run->subject);
        save_why(run->options->save, "unsound", seed, judgement->problem, page);
    }
}

/*
 * An image does not record its page size. An image that is read with another page size may be
 * called clean, since it is clean for that size. Counts how often that happens.
 */
static void hold_page(struct run *run, uint64_t seed, const struct check *check)
{
    const struct subject *subject = &run->subject;
    struct judgement judgement;
    if (check->page == subject->base->page)
        return;
    judge_image(&judgement, subject->bytes, subject->length, check->big, subject->base->page);
    if (judgement.problem) {
        run->mistaken++;
        printf("seed %" PRIu64 ": %s [%s]: clean for pages of %" PRIu32 " bytes, not for its own\n",
               seed, subject->base->name, subject->changes, check->page);
    }
    release_view(&judgement.view);
}

static void hold_against(struct run *run, uint64_t seed, const struct check *check)
{
    const struct subject *subject = &run->subject;
    struct judgement judgement;
    bool big = check->opened ? check->big : subject->base->big;
    uint32_t page = check->opened ? check->page : subject->base->page;
    judge_image(&judgement, subject->bytes, subject->length, big, page);
    run->tried++;
    run->clean += check->clean;
    run->sound += !judgement.problem;
    if (judgement.problem)
        tally_add(&run->unsound, judgement.problem);
    if (!check->clean)
        count_findings(run, seed, check, &judgement, page);
    else if (judgement.problem)
        say_wrong(run, seed, judgement.problem, judgement.where, judgement.which);
    else
        hold_trees(run, seed, check, &judgement);
    if (check->clean)
        hold_page(run, seed, check);
    release_view(&judgement.view);
}

static void try_seed(struct run *run, uint64_t seed)
{
    struct check check;
    make_subject(&run->subject, &run->bases[seed % run->bases_count], seed * 0x2545f4914f6cdd1du);
    run_checker(&check, run->subject.bytes, run->subject.length, 0);
    if (run->options->has_only) {
        printf("seed %" PRIu64 ": %s [%s]: %s%s\n", seed, run->subject.base->name,
               run->subject.changes, check.clean ? "clean" : "not clean: ", check.rules);
        if (run->options->save)
            save_image(run->options->save, "only", seed, &run->subject);
    }
    hold_against(run, seed, &check);
    release_check(&check);
}

static uint64_t number(const char *text)
{
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno || *end || end == text) {
        fprintf(stderr, "%s: not a number\n", text);
        exit(WRONG_USE);
    }
    return value;
}

static void read_options(int count, char **arguments, struct options *options)
{
    static const struct option list[] = {
        {"images", required_argument, NULL, 'i'},
        {"seed", required_argument, NULL, 's'},
        {"only", required_argument, NULL, 'o'},
        {"save", required_argument, NULL, 'd'},
        {"samples", required_argument, NULL, 'n'},
        {"judge", required_argument, NULL, 'j'},
        {0},
    };
    *options = (struct options){.images = 5000, .seed = 1, .samples = 0};
    for (int option; (option = getopt_long(count, arguments, "", list, NULL)) != -1;) {
        if (option == 'i')
            options->images = number(optarg);
        else if (option == 's')
            options->seed = number(optarg);
        else if (option == 'o')
            options->only = number(optarg), options->has_only = true;
        else if (option == 'd')
            options->save = optarg;
        else if (option == 'n')
            options->samples = number(optarg);
        else if (option == 'j')
            options->judge = number(optarg);
        else
            exit(WRONG_USE);
    }
}

static void print_results(const struct run *run)
{
    const struct options *options = run->options;
    printf("%" PRIu64 " images of %zu bases, seeds %" PRIu64 " to %" PRIu64 ": %" PRIu64
           " called clean, %" PRIu64 " sound to the kernel; %" PRIu64
           " both and read the same (%" PRIu64
           " of them panic without an MMU, and that is known), %" PRIu64
           " called clean and different, %" PRIu64 " clean for another page than their own alone\n",
           options->images, run->bases_count, options->seed, options->seed + options->images - 1,
           run->clean, run->sound, run->both, run->panics, run->wrong, run->mistaken);
    tally_print(&run->wrongs, "called clean, and a kernel differs:", 20);
    tally_print(&run->needless, "sound to a kernel, and these findings:", 40);
    tally_print(&run->unsound, "not sound to a kernel:", 20);
    tally_print(&run->changes, "called clean after these changes:", 12);
}

/* An image is for the kernel that does not refuse its byte order. */
static bool judge_file(struct run *run, const char *path)
{
    struct base image = {0};
    struct judgement judgement;
    uint32_t page = (uint32_t)run->options->judge;
    bool read = read_base(&image, path);
    if (read) {
        bool big = mount_image(&run->mount, image.bytes, image.length, ON_BLOCK, false, page);
        judge_image(&judgement, image.bytes, image.length, big, page);
        printf("%s: ", path);
        if (judgement.problem)
            print_path(judgement.where);
        printf("%s%s%s%s\n", judgement.problem ? ": " : "",
               judgement.problem ? judgement.problem : "sound", judgement.which ? ", " : "",
               judgement.which ? judgement.which : "");
        release_view(&judgement.view);
    }
    release_base(&image);
    return read;
}

static int judge_files(struct run *run, char **paths)
{
    bool read = true;
    for (; *paths; paths++)
        read = judge_file(run, *paths) && read;
    return read ? 0 : BASE_UNFIT;
}

static bool open_bases(struct run *run, char **paths)
{
    bool good = true;
    while (paths[run->bases_count])
        run->bases_count++;
    run->bases = calloc(run->bases_count + 1, sizeof(*run->bases));
    for (size_t i = 0; run->bases && i < run->bases_count; i++)
        good = open_base(&run->bases[i], paths[i], &run->mount) && good;
    return good && run->bases && run->bases_count;
}

static void release_run(struct run *run)
{
    for (size_t i = 0; run->bases && i < run->bases_count; i++)
        release_base(&run->bases[i]);
    free(run->bases);
    release_subject(&run->subject);
}

int main(int count, char **arguments)
{
    struct options options;
    static struct run run;
    int status = BASE_UNFIT;
    read_options(count, arguments, &options);
    run.options = &options;
    if (options.judge) {
        status = judge_files(&run, arguments + optind);
    } else if (open_bases(&run, arguments + optind)) {
        uint64_t first = options.has_only ? options.only : options.seed;
        for (uint64_t i = 0; i < (options.has_only ? 1 : options.images); i++)
            try_seed(&run, first + i);
        if (!options.has_only)
            print_results(&run);
        status = run.wrong ? 1 : 0;
    }
    release_run(&run);
    return status;
}
