#define _DEFAULT_SOURCE /* makedev() */

#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "die.h"

extern char **environ;

static void count(struct processes *processes, uint64_t number, long process)
{
    struct inode *inode = inode_of(processes->inodes, number);
    if (inode->look != processes->looks) {
        inode->look = processes->looks;
        inode->now = 0;
    } else if (inode->last_process == process) {
        return;
    }
    inode->last_process = process;
    inode->now++;
    if (inode->now > inode->processes)
        inode->processes = inode->now;
}

/* A process may end at any time, and kernel threads have no mappings. */
static void look_at(struct processes *processes, long process)
{
    char path[64];
    char *line = NULL;
    size_t size = 0;
    snprintf(path, sizeof(path), "/proc/%ld/maps", process);
    FILE *maps = fopen(path, "re");
    while (maps && getline(&line, &size, maps) > 0) {
        unsigned major;
        unsigned minor;
        unsigned long long number;
        if (sscanf(line, "%*x-%*x %*s %*x %x:%x %llu", &major, &minor, &number) == 3 && number &&
            makedev(major, minor) == processes->device)
            count(processes, number, process);
    }
    free(line);
    if (maps)
        fclose(maps);
}

void processes_look(struct processes *processes)
{
    DIR *stream = opendir("/proc/self/..");
    if (!stream)
        return;
    processes->looks++;
    for (struct dirent *entry; (entry = readdir(stream));) {
        long process = isdigit((unsigned char)entry->d_name[0]) ? atol(entry->d_name) : 0;
        if (process && process != getpid())
            look_at(processes, process);
    }
    closedir(stream);
}

int processes_run(struct processes *processes, char *const *command)
{
    const struct timespec tenth = {.tv_nsec = 100000000};
    pid_t process;
    pid_t ended;
    int status;
    errno = posix_spawnp(&process, command[0], NULL, NULL, command, environ);
    if (errno)
        die(command[0]);
    while ((ended = waitpid(process, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
        processes_look(processes);
        nanosleep(&tenth, NULL);
    }
    if (ended < 0)
        die("wait");
    return status;
}
