#include "sys.h"

#include <linux/reboot.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/signal.h>

void sys_power_off(void)
{
    sys_call(__NR_reboot, (long)LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
             LINUX_REBOOT_CMD_POWER_OFF, 0, 0, 0);
}

long sys_allow_open_files(unsigned long count)
{
    struct rlimit64 limit = {count, count};

    return sys_call(__NR_prlimit64, 0, RLIMIT_NOFILE, (long)&limit, 0, 0, 0);
}

/*
 * The child runs on its parent's stack until it is another program, as after vfork(): without an
 * MMU there is no fork(). What it does in between must stay in this function; system calls are
 * inline.
 */
long sys_spawn(const char *path, int *output)
{
    const char *const arguments[] = {path, NULL}, *const environment[] = {NULL};
    int ends[2];
    long process = sys_call(__NR_pipe2, (long)ends, O_CLOEXEC, 0, 0, 0, 0);

    if (process < 0)
        return process;
    process = sys_call(__NR_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0, 0);
    if (process == 0) {
        sys_call(__NR_dup3, ends[1], 1, 0, 0, 0, 0);
        sys_call(__NR_execve, (long)path, (long)arguments, (long)environment, 0, 0, 0);
        sys_exit(127);
    }
    sys_close(ends[1]);
    *output = ends[0];
    if (process < 0)
        sys_close(ends[0]);
    return process;
}

long sys_wait(long process)
{
    int status;
    long ended = sys_call(__NR_wait4, process, (long)&status, 0, 0, 0, 0);

    if (ended < 0)
        return ended;
    return status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;
}
