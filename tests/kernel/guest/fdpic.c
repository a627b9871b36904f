/*
 * An FDPIC program, and an interpreter of such programs. The kernel passes a table with the place
 * of each segment. The program prints that table, its own address, and whether its data are
 * complete. It finds them only by the table. As the first process it prints on the console, and
 * ends by a restart: its machine without an MMU cannot be switched off.
 */
#include "sys.h"

#include <linux/reboot.h>

/* As the kernel lays it out: elf-fdpic.h. */
struct segment {
    uint32_t address, linked_at, size;
};

struct load_map {
    uint16_t version, count;
    struct segment segments[];
};

#define FILLED_WORDS (PAGE_BYTES / 4 + 77)
#define FILL         0x5ca1ab1e

/*
 * The bytes that the linker puts into the second segment: see fdpic.ld. The program finds them by
 * their place there, not by a symbol.
 */
__attribute__((used)) static uint32_t words[FILLED_WORDS] = {
    [0 ... FILLED_WORDS - 1] = FILL};
__attribute__((used)) static uint32_t zeroes[100];

_Noreturn void main(const struct load_map *program, const struct load_map *interpreter);

static char *put(char *to, const char *text)
{
    while (*text)
        *to++ = *text++;
    return to;
}

static char *put_hex(char *to, uint32_t number)
{
    for (int shift = 28; shift >= 0; shift -= 4) {
        uint32_t digit = number >> shift & 15;

        *to++ = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
    }
    return to;
}

/* The filled words, then zeroes up to the segment's end; and it can be written to. */
static bool is_whole(const struct segment *data)
{
    volatile uint32_t *at = (volatile uint32_t *)data->address;

    for (uint32_t i = 0; i < data->size / 4; i++)
        if (at[i] != (i < FILLED_WORDS ? FILL : 0))
            return false;
    at[0] = 7;
    return at[0] == 7;
}

static void say_map(int file, const char *whose, const struct load_map *map)
{
    char line[80], *end;

    for (uint16_t i = 0; i < map->count; i++) {
        end = put(put_hex(put(put(line, whose), " segment "), map->segments[i].linked_at), " at ");
        end = put(put_hex(end, map->segments[i].address), " size ");
        end = put(put_hex(end, map->segments[i].size), "\n");
        sys_write(file, line, (size_t)(end - line));
    }
    end = put(put(line, whose), is_whole(&map->segments[map->count - 1]) ? " data whole\n" : " data wrong\n");
    sys_write(file, line, (size_t)(end - line));
}

/* The kernel enters the interpreter, which is this same program, where there is one. */
static void say(int file, const struct load_map *program, const struct load_map *interpreter)
{
    char line[40], *end = put(put_hex(put(line, "text at "), (uint32_t)&main & ~1U), "\n");

    sys_write(file, line, (size_t)(end - line));
    say_map(file, "program", program);
    if (interpreter)
        say_map(file, "interpreter", interpreter);
}

void main(const struct load_map *program, const struct load_map *interpreter)
{
    if (sys_call(__NR_getpid, 0, 0, 0, 0, 0, 0) == 1) {
        sys_mount("devtmpfs", "/dev", "devtmpfs", 0);
        say((int)sys_open(AT_FDCWD, "/dev/console", O_WRONLY), program, interpreter);
        sys_call(__NR_reboot, (long)LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
                 LINUX_REBOOT_CMD_RESTART, 0, 0, 0);
    }
    say(1, program, interpreter);
    sys_exit(0);
}
