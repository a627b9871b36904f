/*
 * The agent: what a kernel under test runs to say what it sees of a cramfs image.
 *
 * It runs as the init of an initramfs, or as a child of the init that an image boots with. The image is there twice: as
 * the MTD device "xipfs" and as a virtio disk; two more disks, told apart by their serials, carry the host's requests
 * and take the records (see record.h). Requests are lines of text, paths in hexadecimal:
 *
 *   rom START END                     the physical addresses that are ROM, in hexadecimal
 *   map PATH OFFSET LENGTH FLAGS      make this mapping on the MTD mount; FLAGS as in /proc/PID/maps
 *   process PID                       look at this process's mappings
 *   end
 */
#include "kmsg.h"
#include "mapping.h"
#include "record.h"
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* PATH_MAX does not bound a path in a tree; this does, and the host keeps its trees below it. */
#define PATH_LIMIT 16384

static void mount_or_die(const char *source, const char *target, const char *type)
{
	/* EBUSY: the image's own init has been here before. */
	if (mount(source, target, type, 0, NULL) && errno != EBUSY)
		die("mount", target);
}

static void mount_system(void)
{
	mount_or_die("proc", "/proc", "proc");
	mount_or_die("sysfs", "/sys", "sysfs");
	mount_or_die("devtmpfs", "/dev", "devtmpfs");
	mount_or_die("tmpfs", "/mnt", "tmpfs");
}

/* The kernel numbers virtio disks as it likes: find ours by its serial. PATH takes the device's path. */
static void find_disk(const char *serial, char *path, size_t size)
{
	DIR *directory = opendir("/sys/block");
	struct dirent *entry;
	bool found = false;

	if (!directory)
		die("open", "/sys/block");
	while (!found && (entry = readdir(directory))) {
		char attribute[300], value[64] = "";
		FILE *file;

		snprintf(attribute, sizeof(attribute), "/sys/block/%s/serial", entry->d_name);
		file = fopen(attribute, "r");
		if (!file)
			continue;
		found = fscanf(file, "%63s", value) == 1 && !strcmp(value, serial);
		fclose(file);
		if (found)
			snprintf(path, size, "/dev/%s", entry->d_name);
	}
	closedir(directory);
	if (!found)
		die("find the disk", serial);
}

static bool mount_image(const char *source, const char *target)
{
	mkdir(target, 0755);
	if (mount(source, target, "cramfs", MS_RDONLY, NULL)) {
		record_error("mount", source, errno);
		return false;
	}
	return true;
}

static void decode_hex(const char *hex, char *text)
{
	for (; hex[0] && hex[1]; hex += 2) {
		char digits[3] = {hex[0], hex[1], 0};

		*text++ = (char)strtoul(digits, NULL, 16);
	}
	*text = 0;
}

/* Returns false at the line "end". */
static bool answer(const char *line, struct rom_window *rom, bool mtd_mounted)
{
	static char hex[2 * PATH_LIMIT + 1], path[PATH_LIMIT + 1];
	uint64_t offset;
	size_t length;
	char flags[4];
	unsigned pid;

	if (sscanf(line, "rom %" SCNx64 " %" SCNx64, &rom->start, &rom->end) == 2)
		return true;
	if (sscanf(line, "map %32768s %" SCNu64 " %zu %3s", hex, &offset, &length, flags) == 4) {
		decode_hex(hex, path);
		if (mtd_mounted)
			mapping_record(rom, "/mnt/mtd", path, offset, length, flags);
		return true;
	}
	if (sscanf(line, "process %u", &pid) == 1) {
		mapping_record_process(rom, pid);
		return true;
	}
	if (strcmp(line, "end\n"))
		die("understand the request", line);
	return false;
}

static void answer_requests(const char *device, bool mtd_mounted)
{
	static char line[2 * PATH_LIMIT + 100];
	struct rom_window rom = {0, 0};
	FILE *requests = fopen(device, "r");

	if (!requests)
		die("open", device);
	do {
		if (!fgets(line, sizeof(line), requests))
			die("read", "the requests: no line 'end'");
	} while (answer(line, &rom, mtd_mounted));
	fclose(requests);
}

static void observe(void)
{
	char image[300], requests[300], results[300];
	bool mtd, block;

	find_disk("image", image, sizeof(image));
	find_disk("requests", requests, sizeof(requests));
	find_disk("results", results, sizeof(results));

	record_open(results);
	record_begin("boot");
	kmsg_record_since_boot("messages");
	record_end();

	mtd = mount_image("mtd:xipfs", "/mnt/mtd");
	block = mount_image(image, "/mnt/block");
	if (mtd)
		walk("mtd", "/mnt/mtd");
	if (block)
		walk("block", "/mnt/block");
	answer_requests(requests, mtd);
	record_close();
}

int main(void)
{
	struct rlimit descriptors = {4096, 4096};

	/* One open directory a level of the tree. */
	if (setrlimit(RLIMIT_NOFILE, &descriptors))
		die("raise", "RLIMIT_NOFILE");
	mount_system();
	observe();
	reboot(RB_POWER_OFF);
	die("power off", "the machine");
}
