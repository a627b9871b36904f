#include "mapping.h"

#include "kmsg.h"
#include "record.h"
#include "sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* /proc/PID/pagemap: 64 bits a page; the frame's number below, "present" on top. */
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_FRAME ((UINT64_C(1) << 55) - 1)

struct region {
	uint64_t start, end, offset;
	char flags[5];
	char path[4096];
};

static bool in_rom(const struct rom_window *rom, uint64_t address)
{
	return address >= rom->start && address < rom->end;
}

static FILE *open_proc(unsigned pid, const char *name)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	file = fopen(path, "r");
	if (!file)
		die("open", path);
	return file;
}

static bool next_region(FILE *maps, struct region *region)
{
	char line[5000];

	if (!fgets(line, sizeof(line), maps))
		return false;
	region->path[0] = 0;
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s %4095[^\n]", &region->start, &region->end,
		   region->flags, &region->offset, region->path) < 4)
		die("parse", line);
	return true;
}

static void find_region(unsigned pid, uintptr_t start, struct region *region)
{
	FILE *maps = open_proc(pid, "maps");

	do {
		if (!next_region(maps, region))
			die("find the mapping in", "/proc/self/maps");
	} while (region->start != start);
	fclose(maps);
}

/* The physical address of the page, or 0 when the table holds none. */
static uint64_t page_address(FILE *pagemap, uint64_t virtual_address)
{
	uint64_t page = (uint64_t)getpagesize(), entry;

	if (fseeko(pagemap, (off_t)(virtual_address / page * sizeof(entry)), SEEK_SET) ||
	    fread(&entry, sizeof(entry), 1, pagemap) != 1)
		die("read", "pagemap");
	return entry & PAGEMAP_PRESENT ? (entry & PAGEMAP_FRAME) * page : 0;
}

/*
 * rom_pages: how many pages lie in ROM; direct_pages: how many of them follow one another from the first page on;
 * address: the physical address of the first.
 *
 * A wholly direct mapping has no entries in pagemap: the kernel puts the physical address in the place of the offset.
 * A mixed one has its ROM pages in pagemap from the start, touched or not.
 */
static void record_rom_pages(const struct rom_window *rom, unsigned pid, const struct region *region)
{
	uint64_t page = (uint64_t)getpagesize();
	uint64_t pages = (region->end - region->start) / page, rom_pages = 0, direct_pages = 0, first = 0;
	FILE *pagemap = open_proc(pid, "pagemap");

	if (in_rom(rom, region->offset)) {
		rom_pages = direct_pages = pages;
		first = region->offset;
	} else {
		first = page_address(pagemap, region->start);
		for (uint64_t i = 0; i < pages; i++) {
			uint64_t address = page_address(pagemap, region->start + i * page);

			rom_pages += in_rom(rom, address);
			direct_pages += i == direct_pages && in_rom(rom, address) && address == first + i * page;
		}
	}
	fclose(pagemap);
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
	struct sha256 hash;
	uint8_t digest[32];

	sha256_init(&hash);
	sha256_update(&hash, map, left < length ? (size_t)left : length);
	sha256_final(&hash, digest);
	record_hex("bytes", digest, sizeof(digest));
}

static int parse_flags(const char *flags)
{
	return (strchr(flags, 'r') ? PROT_READ : 0) | (strchr(flags, 'w') ? PROT_WRITE : 0) |
	       (strchr(flags, 'x') ? PROT_EXEC : 0);
}

/* Component by component, as the path may be longer than PATH_MAX. Returns a descriptor, or -1. */
static int open_below(const char *root, const char *path)
{
	char *copy = strdup(path), *rest = copy, *name;
	int at = open(root, O_RDONLY | O_DIRECTORY);

	while (at >= 0 && (name = strsep(&rest, "/"))) {
		int next = openat(at, name, O_RDONLY | O_NOFOLLOW);

		close(at);
		at = next;
	}
	free(copy);
	return at;
}

void mapping_record(const struct rom_window *rom, const char *root, const char *path, uint64_t offset, size_t length,
		    const char *flags)
{
	int prot = parse_flags(flags), file = open_below(root, path);
	struct region region;
	struct stat status;
	char *map;

	if (file < 0 || fstat(file, &status)) {
		record_error("open", path, errno);
		return;
	}
	record_begin("mapping");
	record_hex("path", path, strlen(path));
	record_number("offset", offset);
	record_number("length", length);
	record_text("flags", flags);

	kmsg_mark();
	map = mmap(NULL, length, prot, MAP_PRIVATE, file, (off_t)offset);
	if (map == MAP_FAILED) {
		record_text("mmap_error", strerror(errno));
	} else {
		kmsg_record_since_mark("messages");
		find_region((unsigned)getpid(), (uintptr_t)map, &region);
		if (prot & PROT_READ)
			record_mapped_bytes(map, length, offset, (uint64_t)status.st_size);
		record_rom_pages(rom, (unsigned)getpid(), &region);
		munmap(map, length);
	}
	record_end();
	close(file);
}

void mapping_record_process(const struct rom_window *rom, unsigned pid)
{
	FILE *maps = open_proc(pid, "maps");
	struct region region;

	while (next_region(maps, &region)) {
		if (region.path[0] != '/')
			continue;
		record_begin("region");
		record_number("pid", pid);
		record_hex("path", region.path, strlen(region.path));
		record_text("flags", region.flags);
		record_rom_pages(rom, pid, &region);
		record_end();
	}
	fclose(maps);
}
