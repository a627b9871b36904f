/*
 * What both halves of the floor need: a clock, threads, and to end when something fails. It is a
 * bench: nothing is freed or put right before it ends.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stddef.h>
#include <stdint.h>

void fail(const char *what);

/* The memory, when there is some. */
void *must(void *memory);

struct clock {
    double wall;
    double processor; /* of all threads, user and system */
};

struct clock clock_start(void);
void clock_print(const struct clock *start, const char *part, uint64_t bytes);

/* Blocks that a thread takes at a time: long beside the cost of taking, short beside the whole. */
enum { TEAM_STEP = 64 };

/* What a thread keeps for itself, and what it does with item `index`: returns the bytes it made. */
struct thread_work {
    void *(*create)(void *context);
    uint64_t (*run)(void *context, void *state, size_t index);
    void (*free)(void *state);
};

/* Runs items 0 to count - 1 and returns the bytes made of all. A thread takes `step` items at a
 * time. */
uint64_t on_threads(unsigned threads, const struct thread_work *work, void *context, size_t count,
                    size_t step);

void floor_build(const char *tree, int level, unsigned threads, uint64_t size, const char *out);
void floor_cold(const char *tree, unsigned threads);
void floor_check(const char *image, unsigned threads);

#endif
