/*
 * floor build TREE LEVEL|default THREADS SIZE OUT
 * floor check IMAGE THREADS
 * floor cold TREE THREADS
 *
 * What a build or a check cannot do without, each part by itself and nothing else: no layout, no
 * search for equal blocks, no proof. bench/README.md says how the parts are put together.
 *
 * build: reading every file of TREE once; compressing its pages of 4 KiB on THREADS threads, from
 * memory to memory, with the codec of the library; writing SIZE bytes to OUT. Pages of zeroes and
 * all but the first of equal pages are left out: no image needs them.
 * check: inflating every block of IMAGE on THREADS threads, from memory to memory, with libdeflate.
 * cold: finding every file of TREE, then reading each once, on THREADS threads. The caller empties
 * the caches before.
 *
 * Prints a line a part: its name, seconds of wall time, seconds of processor time, bytes.
 */
#include "floor.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cramfs/codec.h"

void fail(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, errno ? strerror(errno) : "it cannot be used");
    exit(8);
}

void *must(void *memory)
{
    if (!memory)
        fail("memory");
    return memory;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double processor_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static double wall_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct clock clock_start(void)
{
    return (struct clock){wall_seconds(), processor_seconds()};
}

void clock_print(const struct clock *start, const char *part, uint64_t bytes)
{
    printf("%s %.6f %.6f %llu\n", part, wall_seconds() - start->wall,
           processor_seconds() - start->processor, (unsigned long long)bytes);
}

struct team {
    const struct thread_work *work;
    void *context;
    size_t count;
    size_t step;
    atomic_size_t next;
    atomic_ullong made;
};

static void *member(void *argument)
{
    struct team *team = argument;
    unsigned long long made = 0;
    size_t first;
    void *state = must(team->work->create(team->context));
    while ((first = atomic_fetch_add(&team->next, team->step)) < team->count)
        for (size_t i = first; i < first + team->step && i < team->count; i++)
            made += team->work->run(team->context, state, i);
    team->work->free(state);
    atomic_fetch_add(&team->made, made);
    return NULL;
}

uint64_t on_threads(unsigned threads, const struct thread_work *work, void *context, size_t count,
                    size_t step)
{
    struct team team = {.work = work, .context = context, .count = count, .step = step};
    pthread_t *ids = must(calloc(threads, sizeof(*ids)));
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, member, &team) != 0)
            fail("threads");
    for (unsigned i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    free(ids);
    return team.made;
}

static unsigned long number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (!*text || *end || !value) {
        fprintf(stderr, "floor: '%s' is not a number above 0\n", text);
        exit(16);
    }
    return value;
}

static int level(const char *text)
{
    return strcmp(text, "default") == 0 ? CRAMFS_DEFAULT_LEVEL : (int)number(text);
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "build") == 0) {
        floor_build(argv[2], level(argv[3]), (unsigned)number(argv[4]), number(argv[5]), argv[6]);
    } else if (argc == 4 && strcmp(argv[1], "check") == 0) {
        floor_check(argv[2], (unsigned)number(argv[3]));
    } else if (argc == 4 && strcmp(argv[1], "cold") == 0) {
        floor_cold(argv[2], (unsigned)number(argv[3]));
    } else {
        fprintf(stderr, "usage: floor build TREE LEVEL|default THREADS SIZE OUT\n"
                        "       floor check IMAGE THREADS\n"
                        "       floor cold TREE THREADS\n");
        return 16;
    }
    return 0;
}
