#include "cli/mkcramfs-xip/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* People see 10 pictures a second as movement, and accept a wait of this length without a bar. */
#define SECONDS_BETWEEN 0.1
#define SECONDS_BEFORE  0.3

/* The time left is shown when it can be estimated. A year is no estimate. */
#define SECONDS_BEFORE_REST 2
#define MOST_REST           (365.0 * 24 * 3600)

enum { TEXT_WIDTH = 32, MOST_BAR = 50 };

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_init(struct progress *progress, bool wanted)
{
    *progress = (struct progress){
        .wanted = wanted && isatty(STDERR_FILENO),
        .begin = clock_seconds(),
    };
}

/* Columns for the bar and the time left. */
static int free_columns(void)
{
    struct winsize size;
    int columns = 80;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        columns = size.ws_col;
    return columns > TEXT_WIDTH ? columns - TEXT_WIDTH : 0;
}

/* "1:05 left", or with hours; nothing while that is only a guess, or a moment. */
static void describe_rest(char *to, size_t size, double elapsed, double part)
{
    double rest = elapsed / part * (1 - part);
    unsigned long seconds = (unsigned long)(rest + 0.5);
    to[0] = '\0';
    if (elapsed < SECONDS_BEFORE_REST || !seconds || rest > MOST_REST)
        return;
    if (seconds < 3600)
        snprintf(to, size, ", %lu:%02lu left", seconds / 60, seconds % 60);
    else
        snprintf(to, size, ", %lu:%02lu:%02lu left", seconds / 3600, seconds / 60 % 60,
                 seconds % 60);
}

static void draw(double elapsed, uint64_t done, uint64_t all)
{
    const double mebibyte = 1024 * 1024;
    double part = (double)done / (double)all;
    char bar[MOST_BAR + 1];
    char rest[64];
    int width = free_columns();
    describe_rest(rest, sizeof(rest), elapsed, part);
    if ((int)strlen(rest) > width)
        rest[0] = '\0';
    width -= (int)strlen(rest);
    width = width > MOST_BAR ? MOST_BAR : width;
    int filled = (int)(part * width);
    memset(bar, '#', (size_t)filled);
    memset(bar + filled, '-', (size_t)(width - filled));
    bar[width] = '\0';
    fprintf(stderr, "\r%3d %% [%s] %.1f of %.1f MiB%s\033[K", (int)(part * 100), bar,
            (double)done / mebibyte, (double)all / mebibyte, rest);
    fflush(stderr);
}

void progress_show(struct progress *progress, uint64_t done, uint64_t all)
{
    if (!progress->wanted || !all)
        return;
    double now = clock_seconds();
    if (now - progress->begin < SECONDS_BEFORE || now - progress->last < SECONDS_BETWEEN)
        return;
    draw(now - progress->begin, done, all);
    progress->last = now;
    progress->shown = true;
}

void progress_clear(struct progress *progress)
{
    if (!progress->shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->shown = false;
}
