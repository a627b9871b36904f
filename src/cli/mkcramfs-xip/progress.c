#include "cli/mkcramfs-xip/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* People see 10 pictures a second as movement, and accept a wait of this length without a bar. */
#define SECONDS_BETWEEN 0.1
#define SECONDS_BEFORE  0.3

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

static int bar_width(void)
{
    struct winsize size;
    int columns = 80;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        columns = size.ws_col;
    int width = columns - TEXT_WIDTH;
    return width > MOST_BAR ? MOST_BAR : width > 0 ? width : 0;
}

static void draw(uint64_t done, uint64_t all)
{
    const double mebibyte = 1024 * 1024;
    char bar[MOST_BAR + 1];
    int width = bar_width();
    int filled = (int)((double)done / (double)all * width);
    memset(bar, '#', (size_t)filled);
    memset(bar + filled, '-', (size_t)(width - filled));
    bar[width] = '\0';
    fprintf(stderr, "\r%3d %% [%s] %.1f of %.1f MiB\033[K", (int)((double)done / (double)all * 100),
            bar, (double)done / mebibyte, (double)all / mebibyte);
    fflush(stderr);
}

void progress_show(struct progress *progress, uint64_t done, uint64_t all)
{
    if (!progress->wanted || !all)
        return;
    double now = clock_seconds();
    if (now - progress->begin < SECONDS_BEFORE || now - progress->last < SECONDS_BETWEEN)
        return;
    draw(done, all);
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
