/*
 * resident DIR: which pages of the files below DIR are in RAM, as CSV for mkcramfs-xip --xip-profile: path below DIR,
 * byte offset, 1. Looking at a file (open, mmap, mincore) brings none of it in. An inode with several names is told once.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_PAGES = 4096, MOST_INODES = 1 << 16, OPEN_DIRECTORIES = 16 };

static size_t prefix_length;
static ino_t seen[MOST_INODES];
static size_t seen_count;

static bool is_new(ino_t inode)
{
    for (size_t i = 0; i < seen_count; i++) {
        if (seen[i] == inode)
            return false;
    }
    if (seen_count < MOST_INODES)
        seen[seen_count++] = inode;
    return true;
}

static void print_row(const char *path, size_t offset)
{
    putchar('"');
    for (; *path; path++) {
        if (*path == '"')
            putchar('"');
        putchar(*path);
    }
    printf("\",%zu,1\n", offset);
}

static int look_at(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)place;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = (size_t)status->st_size;
    size_t pages = (size + page - 1) / page;
    unsigned char resident[MOST_PAGES];
    if (kind != FTW_F || !S_ISREG(status->st_mode) || !pages || pages > MOST_PAGES ||
        !is_new(status->st_ino))
        return 0;
    int file = open(path, O_RDONLY);
    void *memory = file < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED || mincore(memory, size, resident) != 0) {
        perror(path);
        return 1;
    }
    for (size_t i = 0; i < pages; i++) {
        if (resident[i] & 1)
            print_row(path + prefix_length, i * page);
    }
    munmap(memory, size);
    close(file);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: resident DIR\n");
        return 2;
    }
    prefix_length = strlen(argv[1]);
    return nftw(argv[1], look_at, OPEN_DIRECTORIES, FTW_PHYS | FTW_MOUNT) != 0;
}
