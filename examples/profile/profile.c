#define _DEFAULT_SOURCE      /* mincore() */
#define _FILE_OFFSET_BITS 64 /* on 32-bit machines, too */

#include "profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "contents.h"
#include "die.h"

enum { WINDOW_PAGES = 4096 }; /* mapped at once: the target may have little address space */

/* A field of RFC 4180: quoted if necessary, with each quote in it twice. */
static void print_path(const char *path)
{
    if (!strpbrk(path, ",\"\r\n")) {
        fputs(path, stdout);
        return;
    }
    putchar('"');
    for (; *path; path++) {
        if (*path == '"')
            putchar('"');
        putchar(*path);
    }
    putchar('"');
}

/* One row for each page in RAM; the first one also has the facts about the file. */
static void print_rows(struct profile *profile, const char *path, const struct inode *inode,
                       const uint32_t *crc)
{
    for (size_t i = 0; i < profile->pages_count; i++) {
        print_path(path);
        printf(",%llu,1", (unsigned long long)(profile->pages[i] * profile->page_size));
        if (!i && crc)
            printf(",crc32:%08lx", (unsigned long)*crc);
        if (!i && profile->processes.looks)
            printf("%s,%u", crc ? "" : ",", inode->processes);
        putchar('\n');
    }
    profile->resident += profile->pages_count;
}

/*
 * Adds the pages of a part of the file that are in RAM. Returns false, with errno, if that cannot
 * be found out.
 */
static bool look_at_window(struct profile *profile, int file, uint64_t offset, size_t length)
{
    static unsigned char vector[WINDOW_PAGES];
    /*
     * The mapping is writable, but nothing is written: cramfs maps nothing writable directly. In a
     * direct mapping, pages in place would count as if they were in RAM.
     */
    void *window = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file,
                        (off_t)offset);
    if (window == MAP_FAILED)
        return false;
    int error = mincore(window, length, vector) == 0 ? 0 : errno;
    munmap(window, length);
    errno = error;
    size_t pages = error ? 0 : (length + profile->page_size - 1) / profile->page_size;
    for (size_t i = 0; i < pages; i++) {
        if (!(vector[i] & 1)) /* the other bits have no meaning yet */
            continue;
        profile->pages = grow(profile->pages, &profile->pages_capacity, profile->pages_count + 1,
                              sizeof(*profile->pages));
        profile->pages[profile->pages_count++] = offset / profile->page_size + i;
    }
    return !error;
}

/* Prints a file with pages in RAM, unless another name of it was printed before. */
static const char *print_file(struct profile *profile, const char *path, int file,
                              const struct stat *status)
{
    struct inode *inode = inode_of(&profile->inodes, status->st_ino);
    const char *fault = NULL;
    uint32_t crc;
    if (inode->printed)
        return NULL;
    inode->printed = true;
    bool known = status->st_size <= (off_t)MOST_CONTENTS;
    if (known &&
        !contents_crc32(file, profile->pages, profile->pages_count, profile->page_size, &crc)) {
        fault = strerror(errno);
        known = false;
    }
    print_rows(profile, path, inode, known ? &crc : NULL);
    return fault;
}

void profile_begin(void)
{
    puts("path,offset,count,contents,processes");
}

const char *profile_add(struct profile *profile, const char *path, int file,
                        const struct stat *status)
{
    uint64_t size = (uint64_t)status->st_size;
    uint64_t window = (uint64_t)WINDOW_PAGES * profile->page_size;
    profile->pages_count = 0;
    profile->files++;
    for (uint64_t at = 0; at < size; at += window) {
        if (!look_at_window(profile, file, at, (size_t)(size - at < window ? size - at : window)))
            return strerror(errno);
    }
    return profile->pages_count ? print_file(profile, path, file, status) : NULL;
}

void profile_free(struct profile *profile)
{
    inodes_free(&profile->inodes);
    free(profile->pages);
}
