/*
 * The agent: the program that a kernel under test runs to record how it sees a cramfs image.
 *
 * It runs as the init of an initramfs, or as a child of the init that an image boots with. The
 * image is there twice: as the MTD device "xipfs" and as a virtio disk; two more disks,
 * distinguished by their serials, have the host's requests and get the records (see record.h).
 * Requests are lines of text, paths in hexadecimal:
 *
 *   rom START END                  the physical addresses that are ROM, in hexadecimal
 *   walk MOUNT                     mount "mtd" or "block", and look at every node of it
 *   map PATH OFFSET LENGTH FLAGS   make a mapping on the MTD mount; FLAGS: see mapping.h
 *   hold PATH OFFSET LENGTH FLAGS  the same, and keep it
 *   run PATH                       run a program from the MTD mount, and record what it prints
 *   process PID                    look at the mappings of a process
 *   end
 *
 * If the MTD mount failed, requests that need it are skipped: one record says so.
 */
#include "kmsg.h"
#include "mapping.h"
#include "record.h"
#include "sys.h"
#include "text.h"
#include "walk.h"

#include <linux/mount.h>

static struct rom_window rom;
static bool mtd_mounted;

static void mount_or_die(const char *source, const char *target, const char *type)
{
    long error = sys_mount(source, target, type, 0);

    /* EBUSY: the image's own init has been here before. */
    if (error && error != -EBUSY)
        die("mount", target, error);
}

static void mount_system(void)
{
    mount_or_die("proc", "/proc", "proc");
    mount_or_die("sysfs", "/sys", "sysfs");
    mount_or_die("devtmpfs", "/dev", "devtmpfs");
    mount_or_die("tmpfs", "/mnt", "tmpfs");
}

static bool has_serial(const char *disk, const char *serial)
{
    const char *parts[] = {"/sys/block/", disk, "/serial", NULL};
    char path[64], value[64];
    long file, got;

    text_join(path, sizeof(path), parts);
    file = sys_open(AT_FDCWD, path, O_RDONLY);
    if (file < 0)
        return false;
    got = sys_read((int)file, value, sizeof(value) - 1);
    sys_close((int)file);
    value[got > 0 ? got : 0] = 0;
    return text_equal(value, serial);
}

/*
 * The kernel may number virtio disks in any order: find ours by its serial. PATH takes the device's
 * path.
 */
static void find_disk(const char *serial, char *path, size_t size)
{
    for (char letter = 'a'; letter <= 'z'; letter++) {
        char disk[] = {'v', 'd', letter, 0};
        const char *parts[] = {"/dev/", disk, NULL};

        if (has_serial(disk, serial)) {
            text_join(path, size, parts);
            return;
        }
    }
    die("find the disk", serial, 0);
}

static bool mount_image(const char *source, const char *target)
{
    long error;

    sys_mkdir(target, 0755);
    error = sys_mount(source, target, "cramfs", MS_RDONLY);
    if (error)
        record_error("mount", source, error);
    return !error;
}

/* In place: text needs half of what its hexadecimal takes. */
static const char *decode_hex(char *hex)
{
    char *text = hex;

    for (const char *at = hex; at[0] && at[1]; at += 2) {
        char digits[] = {at[0], at[1], 0};

        *text++ = (char)text_number(digits, 16);
    }
    *text = 0;
    return hex;
}

static void answer_walk(const char *mount)
{
    static char disk[64];
    bool mtd = text_equal(mount, "mtd");

    if (!mtd)
        find_disk("image", disk, sizeof(disk));
    if (mount_image(mtd ? "mtd:xipfs" : disk, mtd ? "/mnt/mtd" : "/mnt/block")) {
        walk(mount, mtd ? "/mnt/mtd" : "/mnt/block");
        mtd_mounted = mtd_mounted || mtd;
    }
}

static void answer_map(char *rest, bool keep)
{
    const char *path = decode_hex(text_word(&rest));
    uint64_t offset = text_number(text_word(&rest), 10);
    size_t length = (size_t)text_number(text_word(&rest), 10);

    mapping_record(&rom, "/mnt/mtd", path, offset, length, text_word(&rest), keep);
}

/* The output is cut to the room: a line is enough to print where a program runs. */
static void answer_run(const char *path)
{
    static char program[PATH_LIMIT + 16], output[4096];
    const char *parts[] = {"/mnt/mtd/", path, NULL};
    size_t length = 0;
    int pipe = -1;
    long process, got;

    text_join(program, sizeof(program), parts);
    record_begin("run");
    record_hex("path", path, text_length(path));
    kmsg_mark();
    process = sys_spawn(program, &pipe);
    if (process < 0) {
        record_errno("spawn_error", process);
    } else {
        while (length < sizeof(output) &&
               (got = sys_read(pipe, output + length, sizeof(output) - length)) > 0)
            length += (size_t)got;
        sys_close(pipe);
        record_number("status", (uint64_t)sys_wait(process));
        record_hex("output", output, length);
        kmsg_record_since_mark("messages");
    }
    record_end();
}

/*
 * Returns false at the line "end". A table of functions would need relocation, which bFLT programs
 * here do not have.
 */
static bool answer(char *line)
{
    char *verb = text_word(&line);

    if (text_equal(verb, "rom")) {
        rom.start = text_number(text_word(&line), 16);
        rom.end = text_number(text_word(&line), 16);
    } else if (text_equal(verb, "walk")) {
        answer_walk(text_word(&line));
    } else if (text_equal(verb, "map") || text_equal(verb, "hold")) {
        if (mtd_mounted)
            answer_map(line, text_equal(verb, "hold"));
    } else if (text_equal(verb, "run")) {
        if (mtd_mounted)
            answer_run(decode_hex(text_word(&line)));
    } else if (text_equal(verb, "process")) {
        mapping_record_process(&rom, text_word(&line));
    } else if (text_equal(verb, "end")) {
        return false;
    } else {
        die("understand the request", verb, 0);
    }
    return true;
}

static void answer_requests(void)
{
    static char device[64], line[2 * PATH_LIMIT + 100];
    static struct text_reader requests;

    find_disk("requests", device, sizeof(device));
    text_open(&requests, device);
    do {
        if (!text_line(&requests, line, sizeof(line)))
            die("read", "the requests: no line 'end'", 0);
    } while (answer(line));
    text_close(&requests);
}

_Noreturn void main(void);

void main(void)
{
    static char results[64];

    /* One open directory for each level of the tree. */
    if (sys_allow_open_files(4096))
        die("raise", "RLIMIT_NOFILE", 0);
    mount_system();
    find_disk("results", results, sizeof(results));
    record_open(results);
    record_begin("boot");
    kmsg_record_since_boot("messages");
    record_end();
    answer_requests();
    record_close();
    sys_power_off();
    die("power off", "the machine", 0);
}
