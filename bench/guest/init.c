/*
 * The first process of a boot that ends in a profile: mounts the image of the first virtio disk,
 * runs the work below it as its users would, and has the pages that this brought into RAM printed
 * to the console. Runs from an initramfs, so that nothing of its own is in the profile.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define DISK       "/dev/vda"
#define READ_AHEAD "/sys/block/vda/queue/read_ahead_kb"

static void stop(const char *what)
{
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
 * Without this a fault reads 128 KiB around the page that was touched, and the profile would tell
 * what the kernel guessed.
 */
static void read_nothing_ahead(void)
{
    int file = open(READ_AHEAD, O_WRONLY);
    if (file < 0 || write(file, "0", 1) != 1)
        stop(READ_AHEAD);
    close(file);
}

static int run(const char *root, char *const *command)
{
    pid_t child = fork();
    if (child < 0)
        stop("fork");
    if (child == 0) {
        if (chroot(root) == 0 && chdir("/") == 0)
            execv(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Programs that stay: what one more mapping costs shows while somebody has it. */
static const char hold[] = "for i in 1 2 3 4; do perl -e 'sleep 1000' & "
                           "bash -c 'read -t 1000 line </dev/ptmx' & "
                           "sqlite3 /tmp/data.db 'select 1' '.shell sleep 1000' & done; sleep 5";

static void print_counters(void)
{
    char line[128];
    FILE *counters = fopen("/mnt/proc/vmstat", "r");
    while (counters && fgets(line, sizeof(line), counters)) {
        if (strncmp(line, "nr_file_pages ", 14) == 0 ||
            strncmp(line, "nr_slab_unreclaimable ", 22) == 0)
            printf("counter: %s", line);
    }
    fflush(stdout);
    stop("done");
}

int main(void)
{
    mount_one("dev", "/dev", "devtmpfs", 0);
    mount_one("sys", "/sys", "sysfs", 0);
    int console = open("/dev/console", O_RDWR);
    for (int i = 0; i < 3; i++)
        dup2(console, i);
    if (!getenv("rom"))
        read_nothing_ahead();
    bool rom = getenv("rom"); /* from the kernel's command line */
    mount_one(rom ? "mtd:xipfs" : DISK, "/mnt", "cramfs", MS_RDONLY);
    mount_one("dev", "/mnt/dev", "devtmpfs", 0);
    mount_one("proc", "/mnt/proc", "proc", 0);
    mount_one("tmp", "/mnt/tmp", "tmpfs", 0);

    char *work[] = {"/bin/busybox", "sh", "/work.sh", NULL};
    if (rom) {
        char *held[] = {"/bin/busybox", "sh", "-c", (char *)hold, NULL};
        printf("work: %d\n", run("/mnt", work));
        run("/mnt", held);
        print_counters();
    }
    char *show[] = {"/resident-pages", "/mnt", NULL};
    printf("work: %d\n", run("/mnt", work));
    printf("profile begins\n");
    fflush(stdout);
    int shown = run("/", show);
    printf("profile ends: %d\n", shown);
    fflush(stdout);
    stop("done");
}
