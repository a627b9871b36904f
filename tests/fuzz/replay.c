/*
 * Runs a target over files: replay_TARGET FILE-OR-DIRECTORY...
 *
 * Each input is put so that it ends at a page that cannot be read: an access one byte after it is a
 * signal, also in a build without sanitizers. The name of each input is printed before it runs, so
 * the last line names the one that failed.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/guard.h"

static unsigned inputs;

static void fail(const char *path)
{
    perror(path);
    exit(2);
}

static void run(const uint8_t *bytes, size_t size)
{
    struct guard guard = guard_open(size);
    LLVMFuzzerTestOneInput(guard_copy(&guard, bytes, size), size);
    guard_close(&guard);
    inputs++;
}

static void run_file(const char *path)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0)
        fail(path);
    size_t size = (size_t)status.st_size;
    uint8_t *bytes = malloc(size + 1);
    if (!bytes || read(file, bytes, size) != (ssize_t)size)
        fail(path);
    close(file);
    printf("%s\n", path);
    fflush(stdout);
    run(bytes, size);
    free(bytes);
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void run_directory(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_input, alphasort);
    if (count < 0)
        fail(path);
    for (int i = 0; i < count; i++) {
        char name[4096];
        snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        run_file(name);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    run(NULL, 0);
    for (int i = 1; i < argc; i++) {
        struct stat status;
        if (stat(argv[i], &status) != 0)
            fail(argv[i]);
        if (S_ISDIR(status.st_mode))
            run_directory(argv[i]);
        else
            run_file(argv[i]);
    }
    printf("%u inputs\n", inputs);
    /* Without any input, the run proves nothing. */
    return inputs > 1 ? 0 : 2;
}
