#include "mapping.h"

#include "kmsg.h"
#include "md5.h"
#include "proc.h"
#include "record.h"
#include "sys.h"
#include "text.h"

static bool in_rom(const struct rom_window *rom, uint64_t address)
{
    return address >= rom->start && address < rom->end;
}

static void find_region(uintptr_t start, struct region *region)
{
    static struct regions regions;

    regions_open(&regions, "self");
    do {
        if (!regions_next(&regions, region))
            die("find the mapping in", "/proc/self/maps", 0);
    } while (region->start != start);
    regions_close(&regions);
}

/*
 * rom_pages: how many pages are in ROM; direct_pages: how many of them follow one another from the
 * first page on; address: the physical address of the first.
 *
 * A wholly direct mapping has no entries in pagemap: the kernel puts the physical address in the
 * place of the offset. A mixed one has its ROM pages in pagemap from the start, touched or not.
 * Without an MMU an address is physical.
 */
static void record_rom_pages(const struct rom_window *rom, const char *process,
                             const struct region *region)
{
    static struct frames frames;
    uint64_t pages = (region->end - region->start) / PAGE_SIZE, rom_pages = 0, direct_pages = 0,
             first = 0;
    bool has_frames = frames_open(&frames, process);

    if (!has_frames || in_rom(rom, region->offset)) {
        first = has_frames ? region->offset : region->start;
        rom_pages = direct_pages = in_rom(rom, first) ? pages : 0;
    } else {
        first = frames_address(&frames, region->start);
        for (uint64_t i = 0; i < pages; i++) {
            uint64_t address = frames_address(&frames, region->start + i * PAGE_SIZE);

            rom_pages += in_rom(rom, address);
            direct_pages +=
                i == direct_pages && in_rom(rom, address) && address == first + i * PAGE_SIZE;
        }
    }
    if (has_frames)
        frames_close(&frames);
    record_number("pages", pages);
    record_number("rom_pages", rom_pages);
    record_number("direct_pages", direct_pages);
    if (direct_pages > 0)
        record_number("address", first);
}

/* Reading is also what makes the kernel page in the part of a mapping that is not direct. */
static void record_mapped_bytes(const char *map, size_t length, uint64_t offset, uint64_t size)
{
    uint64_t left = size > offset ? size - offset : 0;
    struct md5 hash;
    uint8_t digest[MD5_SIZE];

    md5_init(&hash);
    md5_update(&hash, map, left < length ? (size_t)left : length);
    md5_final(&hash, digest);
    record_hex("bytes", digest, sizeof(digest));
}

static int parse_flags(const char *flags)
{
    return (text_has(flags, 'r') ? PROT_READ : 0) | (text_has(flags, 'w') ? PROT_WRITE : 0) |
           (text_has(flags, 'x') ? PROT_EXEC : 0);
}

/*
 * Component by component, as the path may be longer than PATH_MAX. Returns a descriptor, or an
 * error.
 */
static long open_below(const char *root, const char *path)
{
    long at = sys_open(AT_FDCWD, root, O_RDONLY | O_DIRECTORY);

    while (at >= 0 && *path) {
        char name[256];
        size_t length = 0;
        long next;

        while (path[length] && path[length] != '/' && length < sizeof(name) - 1)
            length++;
        memcpy(name, path, length);
        name[length] = 0;
        next = sys_open((int)at, name, O_RDONLY | O_NOFOLLOW);
        sys_close((int)at);
        at = next;
        path += length + (path[length] == '/');
    }
    return at;
}

static void record_map(const struct rom_window *rom, int file, uint64_t offset, size_t length,
                       const char *flags, bool keep)
{
    struct region region;
    struct statx status;
    long map, error = sys_stat(file, "", AT_EMPTY_PATH, &status);

    kmsg_mark();
    map = error ? error : sys_map(length, parse_flags(flags), text_has(flags, 's'), file, offset);
    if (sys_failed(map)) {
        record_errno("mmap_error", map);
        return;
    }
    kmsg_record_since_mark("messages");
    find_region((uintptr_t)map, &region);
    if (text_has(flags, 'r'))
        record_mapped_bytes((const char *)map, length, offset, status.stx_size);
    record_rom_pages(rom, "self", &region);
    if (!keep)
        sys_unmap((const char *)map, length);
}

void mapping_record(const struct rom_window *rom, const char *root, const char *path,
                    uint64_t offset, size_t length, const char *flags, bool keep)
{
    long file = open_below(root, path);

    if (file < 0) {
        record_error("open", path, file);
        return;
    }
    record_begin("mapping");
    record_hex("path", path, text_length(path));
    record_number("offset", offset);
    record_number("length", length);
    record_text("flags", flags);
    record_map(rom, (int)file, offset, length, flags, keep);
    record_end();
    sys_close((int)file);
}

void mapping_record_process(const struct rom_window *rom, const char *process)
{
    static struct regions regions;
    struct region region;

    regions_open(&regions, process);
    while (regions_next(&regions, &region)) {
        if (region.path[0] != '/')
            continue;
        record_begin("region");
        record_number("pid", text_number(process, 10));
        record_hex("path", region.path, text_length(region.path));
        record_text("flags", region.flags);
        record_rom_pages(rom, process, &region);
        record_end();
    }
    regions_close(&regions);
}
