/*
 * The first process of under-qemu.sh's machine. Its root is an image with this program,
 * resident-pages and the command. The tree that is profiled is on the second disk, and the profile
 * goes to the third.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TREE       "/dev/vdb"
#define RESULT     "/dev/vdc"
#define READ_AHEAD "/sys/block/vdb/queue/read_ahead_kb"

/*
 * Prints the error, and switches the machine off. The host sees that the last line of the profile
 * is missing.
 */
static _Noreturn void stop(const char *what)
{
    if (what)
        perror(what);
    sync();
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}

static void mount_one(const char *from, const char *to, const char *type, unsigned long flags)
{
    if (mount(from, to, type, flags, NULL) != 0)
        stop(to);
}

/*
 * Mounts that a workload needs, in the tree. Where the tree has a link or nothing, the mount is
 * left out.
 */
static void mount_in_tree(const char *to, const char *type)
{
    struct stat status;
    if (lstat(to, &status) == 0 && S_ISDIR(status.st_mode))
        mount_one(type, to, type, 0);
}

static int open_file(const char *path, int flags)
{
    int file = open(path, flags | O_CLOEXEC);
    if (file < 0)
        stop(path);
    return file;
}

/* Otherwise a touched page brings in the pages around it, and these would be counted. */
static void read_nothing_ahead(void)
{
    int file = open_file(READ_AHEAD, O_WRONLY);
    if (write(file, "0", 1) != 1)
        stop(READ_AHEAD);
    close(file);
}

/* Started by resident-pages: runs the command with the tree as its root. */
static int run_command(void)
{
    static char text[1 << 17];
    int file = open_file("/command", O_RDONLY);
    ssize_t length = read(file, text, sizeof(text) - 1);
    if (length < 0 || chroot("/mnt") != 0 || chdir("/") != 0) {
        perror("/mnt");
        return 127;
    }
    execl("/bin/sh", "sh", "-c", text, (char *)NULL);
    perror("/bin/sh of the tree");
    return 127;
}

/* Returns the exit status of resident-pages. */
static int take_profile(int result)
{
    int status;
    pid_t child = fork();
    if (child < 0)
        stop("fork");
    if (child == 0) {
        dup2(result, STDOUT_FILENO);
        execl("/resident-pages", "resident-pages", "/mnt", "/init", (char *)NULL);
        perror("/resident-pages");
        _exit(127);
    }
    while (waitpid(child, &status, 0) != child) /* orphans are children of this process, too */
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int main(void)
{
    char last_line[64];
    if (getpid() != 1) {
        dup2(STDERR_FILENO, STDOUT_FILENO); /* standard output is for the profile */
        return run_command();
    }
    mount_one("devtmpfs", "/dev", "devtmpfs", 0);
    int console = open("/dev/console", O_RDWR);
    for (int i = 0; i < 3; i++)
        dup2(console, i);
    mount_one("sysfs", "/sys", "sysfs", 0);
    mount_one("proc", "/proc", "proc", 0);
    read_nothing_ahead();
    mount_one(TREE, "/mnt", "cramfs", MS_RDONLY);
    mount_in_tree("/mnt/dev", "devtmpfs");
    mount_in_tree("/mnt/proc", "proc");
    mount_in_tree("/mnt/sys", "sysfs");
    mount_in_tree("/mnt/tmp", "tmpfs");
    mount_in_tree("/mnt/run", "tmpfs");
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    setenv("HOME", "/tmp", 1);
    int result = open_file(RESULT, O_WRONLY);
    int length = snprintf(last_line, sizeof(last_line), "# end %d\n", take_profile(result));
    if (write(result, last_line, (size_t)length) != length || fsync(result) != 0)
        stop(RESULT);
    stop(NULL);
}
