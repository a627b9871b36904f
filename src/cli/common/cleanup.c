#include "cli/common/cleanup.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

enum { MAX_PATHS = 4 };

/* Only written while signals are held back, and read by the handler. */
static const char *volatile paths[MAX_PATHS];

/*
 * The signals that end a program unless it handles them. SIGKILL is missing: no program can handle
 * it.
 */
static bool ends_program(int signal_number)
{
    static const int others[] = {SIGKILL, SIGSTOP, SIGCHLD,  SIGCONT, SIGTSTP, SIGTTIN,
                                 SIGTTOU, SIGURG,  SIGWINCH, SIGPIPE, SIGXFSZ};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (signal_number == others[i])
            return false;
    }
    return true;
}

/*
 * Any thread can take a signal. The handler stays until the files are removed: if the same signal
 * comes again meanwhile (timeout(1) sends it twice), another thread takes it.
 */
static void handle(int signal_number)
{
    for (size_t i = 0; i < MAX_PATHS; i++) {
        if (paths[i])
            unlink(paths[i]);
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number); /* ends the program in the signal's own way */
}

void catch_signals(void)
{
    struct sigaction action = {.sa_handler = handle};
    sigemptyset(&action.sa_mask);
    for (int i = 1; i <= SIGRTMAX; i++) {
        struct sigaction before;
        /*
         * A signal that the caller ignores (nohup) stays ignored, and one that a sanitizer handles
         * stays the sanitizer's.
         */
        if (ends_program(i) && sigaction(i, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(i, &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
}

static void mask_signals(int how)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 1; i <= SIGRTMAX; i++) {
        if (ends_program(i))
            sigaddset(&set, i);
    }
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
