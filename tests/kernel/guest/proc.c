#include "proc.h"

#include "record.h"
#include "sys.h"

#include <linux/fs.h>

/* /proc/PID/pagemap: 64 bits a page; the frame's number below, "present" on top. */
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_FRAME   ((UINT64_C(1) << 55) - 1)

static void proc_path(char *path, size_t size, const char *process, const char *name)
{
    const char *parts[] = {"/proc/", process, "/", name, NULL};

    text_join(path, size, parts);
}

void regions_open(struct regions *regions, const char *process)
{
    char path[64];

    proc_path(path, sizeof(path), process, "maps");
    text_open(&regions->maps, path);
}

/* "start-end flags offset device inode path", the numbers in hexadecimal. */
bool regions_next(struct regions *regions, struct region *region)
{
    char *rest = regions->line, *range;

    if (!text_line(&regions->maps, regions->line, sizeof(regions->line)))
        return false;
    range = text_word(&rest);
    region->start = text_number(range, 16);
    while (*range && *range++ != '-')
        ;
    region->end = text_number(range, 16);
    region->flags = text_word(&rest);
    region->offset = text_number(text_word(&rest), 16);
    text_word(&rest);
    text_word(&rest);
    while (*rest == ' ')
        rest++;
    region->path = rest;
    return true;
}

void regions_close(struct regions *regions)
{
    text_close(&regions->maps);
}

bool frames_open(struct frames *frames, const char *process)
{
    char path[64];
    long file;

    proc_path(path, sizeof(path), process, "pagemap");
    file = sys_open(AT_FDCWD, path, O_RDONLY);
    if (file < 0 && file != -ENOENT)
        die("open", path, file);
    frames->pagemap = (int)file;
    frames->loaded = UINT64_MAX;
    return file >= 0;
}

uint64_t frames_address(struct frames *frames, uint64_t virtual_address)
{
    const uint64_t in_part = sizeof(frames->entries) / sizeof(frames->entries[0]);
    uint64_t page = virtual_address / PAGE_SIZE, part = page & ~(in_part - 1), entry;

    if (part != frames->loaded) {
        long error = sys_seek(frames->pagemap, (long)(part * sizeof(entry)), SEEK_SET);

        if (error >= 0)
            error = sys_read(frames->pagemap, frames->entries, sizeof(frames->entries));
        if (error <= 0)
            die("read", "pagemap", error);
        frames->loaded = part;
    }
    entry = frames->entries[page - part];
    return entry & PAGEMAP_PRESENT ? (entry & PAGEMAP_FRAME) * PAGE_SIZE : 0;
}

void frames_close(struct frames *frames)
{
    sys_close(frames->pagemap);
}
