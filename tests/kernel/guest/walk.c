#include "walk.h"

#include "record.h"
#include "sha256.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void record_hash(const char *key, struct sha256 *hash)
{
	uint8_t digest[32];

	sha256_final(hash, digest);
	record_hex(key, digest, sizeof(digest));
}

/* Returns 0, or the error that read(2) gave. */
static int hash_by_read(int file, struct sha256 *hash)
{
	static char buffer[1 << 16];
	ssize_t got;

	sha256_init(hash);
	while ((got = read(file, buffer, sizeof(buffer))) > 0)
		sha256_update(hash, buffer, (size_t)got);
	return got < 0 ? errno : 0;
}

/* Bytes behind the file's end in its last page that a program could see: POSIX wants zeroes. */
static uint64_t count_nonzero(const char *map, size_t size)
{
	size_t page = (size_t)getpagesize();
	uint64_t nonzero = 0;

	for (size_t i = size; i % page != 0; i++)
		nonzero += map[i] != 0;
	return nonzero;
}

static void record_bytes(int file, size_t size, const char *path)
{
	struct sha256 by_read, by_mmap;
	uint64_t nonzero_tail = 0;
	int error = hash_by_read(file, &by_read);

	sha256_init(&by_mmap);
	if (size > 0) {
		char *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);

		if (map == MAP_FAILED)
			die("mmap", path);
		/* After a failed read(2) the pages cannot be touched either: that would be SIGBUS. */
		if (!error) {
			sha256_update(&by_mmap, map, size);
			nonzero_tail = count_nonzero(map, size);
		}
		munmap(map, size);
	}
	if (error)
		record_text("read_error", strerror(error));
	record_hash("read", &by_read);
	record_hash("mmap", &by_mmap);
	record_number("nonzero_tail", nonzero_tail);
}

static void record_file(int parent, const char *name, const char *path, const struct stat *status)
{
	int file = openat(parent, name, O_RDONLY | O_NOFOLLOW);

	if (file < 0) {
		record_text("read_error", strerror(errno));
		return;
	}
	record_bytes(file, (size_t)status->st_size, path);
	close(file);
}

static void record_link(int parent, const char *name)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(parent, name, target, sizeof(target));

	if (length < 0)
		record_text("read_error", strerror(errno));
	else
		record_hex("target", target, (size_t)length);
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "file";
	case S_IFDIR: return "directory";
	case S_IFLNK: return "symlink";
	case S_IFCHR: return "char";
	case S_IFBLK: return "block";
	case S_IFIFO: return "fifo";
	case S_IFSOCK: return "socket";
	default: return "unknown";
	}
}

static void record_node(const char *mount, int parent, const char *name, const char *path, const struct stat *status)
{
	record_begin("node");
	record_text("mount", mount);
	record_hex("path", path, strlen(path));
	record_text("type", type_name(status->st_mode));
	record_number("mode", status->st_mode & 07777);
	record_number("uid", status->st_uid);
	record_number("gid", status->st_gid);
	if (S_ISREG(status->st_mode) || S_ISLNK(status->st_mode))
		record_number("size", (uint64_t)status->st_size);
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode)) {
		record_number("major", major(status->st_rdev));
		record_number("minor", minor(status->st_rdev));
	}
	if (S_ISREG(status->st_mode))
		record_file(parent, name, path, status);
	if (S_ISLNK(status->st_mode))
		record_link(parent, name);
	record_end();
}

static void visit(const char *mount, int parent, const char *name, const char *path);

/* The directory stays open while its children are visited relative to it: a path may be longer than PATH_MAX. */
static void visit_children(const char *mount, int parent, const char *name, const char *path)
{
	int descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY);
	DIR *directory = descriptor < 0 ? NULL : fdopendir(descriptor);
	struct dirent *entry;

	if (!directory) {
		record_error("opendir", path, errno);
		return;
	}
	while (errno = 0, entry = readdir(directory)) {
		char *child;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (asprintf(&child, "%s%s%s", path, *path ? "/" : "", entry->d_name) < 0)
			die("name", path);
		visit(mount, descriptor, entry->d_name, child);
		free(child);
	}
	if (errno)
		record_error("readdir", path, errno);
	closedir(directory);
}

static void visit(const char *mount, int parent, const char *name, const char *path)
{
	struct stat status;

	if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW)) {
		record_error("lookup", path, errno);
		return;
	}
	record_node(mount, parent, name, path, &status);
	if (S_ISDIR(status.st_mode))
		visit_children(mount, parent, name, path);
}

void walk(const char *mount, const char *root)
{
	visit(mount, AT_FDCWD, root, "");
}
