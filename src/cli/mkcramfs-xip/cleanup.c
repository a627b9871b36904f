#include "cli/mkcramfs-xip/cleanup.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

enum { MAX_PATHS = 4 };

/* Only written while signals are held back, and read by the handler. */
static const char *volatile paths[MAX_PATHS];

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { ENDING_COUNT = sizeof(ending) / sizeof(ending[0]) };

static void handle(int signal_number)
{
    for (size_t i = 0; i < MAX_PATHS; i++) {
        if (paths[i])
            unlink(paths[i]);
    }
    /* The handler is reset by now: the same signal again ends the program in its own way. */
    raise(signal_number);
}

void catch_signals(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ENDING_COUNT; i++) {
        struct sigaction before;
        /* What the caller has ignored (nohup) stays ignored. */
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(ending[i], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
}

static void mask_signals(int how)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ENDING_COUNT; i++)
        sigaddset(&set, ending[i]);
    pthread_sigmask(how, &set, NULL);
}

void hold_signals(void)
{
    mask_signals(SIG_BLOCK);
}

void release_signals(void)
{
    mask_signals(SIG_UNBLOCK);
}

void remove_on_signal(const char *path)
{
    for (size_t i = 0; path && i < MAX_PATHS; i++) {
        if (!paths[i]) {
            paths[i] = path;
            return;
        }
    }
}

void forget_on_signal(void)
{
    for (size_t i = 0; i < MAX_PATHS; i++)
        paths[i] = NULL;
}
