#include "read/extract/extracting.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/options.h"
#include "base/remedy.h"
#include "read/extract/failures.h"
#include "read/extract/limit.h"
#include "read/extract/write_files.h"
#include "read/inflated.h"
#include "read/judge.h"
#include "read/names.h"

static const struct cramfs_entry *entry_at(const struct extracting *extracting, uint32_t number)
{
    return &extracting->survey->entries.list[number];
}

/*
 * Opens the parent of the innermost directory. Somebody may have moved the directory meanwhile, so
 * ".." is followed only if it is the directory from which this one was entered. Returns -1 if there
 * is no way back.
 */
static int open_parent(struct extracting *extracting, uint32_t number,
                       const struct extract_level *above)
{
    struct stat status;
    int parent = openat(extracting->directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0 || fstat(parent, &status) != 0) {
        fail_system(extracting, number, "cannot go back to the parent directory");
    } else if (status.st_dev != above->device || status.st_ino != above->inode) {
        fail(extracting, CRAMFS_ERR_IO, number, "cannot go back to the parent directory",
             "the directory was moved during extraction");
    } else {
        return parent;
    }
    if (parent >= 0)
        close(parent);
    return -1;
}

/*
 * Leaves the innermost directory once it is filled, and sets its final permissions, which may not
 * allow writing.
 */
static bool pop_level(struct extracting *extracting)
{
    uint32_t number = extracting->levels[--extracting->levels_count].entry;
    int parent = -1;
    if (extracting->levels_count) {
        parent = open_parent(extracting, number, &extracting->levels[extracting->levels_count - 1]);
        if (parent < 0)
            return false;
    }
    set_status(extracting, extracting->directory, number);
    close(extracting->directory);
    extracting->directory = parent;
    return true;
}

/*
 * Goes back up to the parent directory of an entry. If the parent was skipped, the entry is
 * skipped, too. Returns false if there is no way back.
 */
static bool reach_parent(struct extracting *extracting, uint32_t number)
{
    const struct cramfs_entry *entry = entry_at(extracting, number);
    if (extracting->skipped[entry->parent]) {
        extracting->skipped[number] = true;
        return true;
    }
    while (extracting->levels[extracting->levels_count - 1].entry != entry->parent) {
        if (!pop_level(extracting))
            return false;
    }
    return true;
}

/* Why an entry of the image cannot become a file; NULL when it can. */
static const char *find_obstacle(const struct extracting *extracting, struct entry_names *names,
                                 uint32_t number, int *error)
{
    uint32_t twin;
    if (!judge_name_sound(entry_at(extracting, number)))
        return "a file cannot have this name";
    *error = names_add(names, &extracting->survey->entries, number, &twin);
    return !*error && twin != CRAMFS_NO_ENTRY ? "an earlier entry has the same name" : NULL;
}

static int extract_entries(struct extracting *extracting)
{
    struct entry_names names = {0};
    int error = 0;
    bool sound = true;
    for (uint32_t i = 1; sound && !error && i < extracting->survey->entries.list_count; i++) {
        if (extracting->skipped[i])
            continue;
        sound = reach_parent(extracting, i);
        if (!sound || extracting->skipped[i])
            continue;
        const char *obstacle = find_obstacle(extracting, &names, i, &error);
        extracting->skipped[i] = obstacle;
        if (obstacle)
            fail(extracting, CRAMFS_ERR_FORMAT, i, "not extracted", obstacle);
        else if (!error)
            make_entry(extracting, i);
    }
    while (sound && extracting->levels_count)
        sound = pop_level(extracting);
    file_writer_wait(extracting->writer);
    hash_index_free(&names.index);
    return error;
}

/* Sets *empty. Returns false, with errno, if the directory cannot be read. */
static bool look_into(int directory, bool *empty)
{
    int copy = dup(directory);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    int error = errno;
    *empty = true;
    if (stream) {
        errno = 0;
        for (const struct dirent *entry; *empty && (entry = readdir(stream));)
            *empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        error = errno;
        closedir(stream);
    } else if (copy >= 0) {
        close(copy);
    }
    errno = error;
    return stream && !error;
}

/* Opens the directory to extract to. It must be empty, unless files in it may be replaced. */
static int open_directory(const struct extracting *extracting, const char *path)
{
    struct cramfs_diags *diags = extracting->diags;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot create the directory: %s",
                           strerror(errno));
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot open the directory: %s",
                           strerror(errno));
    if (extracting->options->force)
        return directory;
    bool empty;
    bool readable = look_into(directory, &empty);
    int error = errno;
    if (readable && empty)
        return directory;
    close(directory);
    if (!readable)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot read the directory: %s",
                           strerror(error));
    return with_remedy(cramfs_fail(diags, CRAMFS_ERR_IO, path,
                                   "the directory is not empty; name a new or an empty one"),
                       diags, CRAMFS_REMEDY_REPLACE, NULL);
}

/* Skips all entries but the chosen ones and the directories that contain them. */
static void skip_entries_not_chosen(const struct extracting *extracting)
{
    const struct cramfs_entries *entries = &extracting->survey->entries;
    const bool *chosen = extracting->options->chosen;
    bool *skipped = extracting->skipped;
    for (uint32_t i = 0; chosen && i < entries->list_count; i++)
        skipped[i] = !chosen[i];
    for (uint32_t i = entries->list_count; i-- > 1;) {
        if (!skipped[i])
            skipped[entries->list[i].parent] = false;
    }
}

static void note_what_is_left(const struct extracting *extracting)
{
    if (extracting->failures > MOST_TOLD)
        cramfs_fail(extracting->diags, CRAMFS_ERR_IO, NULL,
                    "%" PRIu64 " more entries could not be extracted",
                    extracting->failures - MOST_TOLD);
    if (extracting->devices_left)
        with_remedy(cramfs_report(extracting->diags, CRAMFS_NOTE, CRAMFS_ERR_IO, NULL,
                                  "%" PRIu64 " device nodes not extracted",
                                  extracting->devices_left),
                    extracting->diags, CRAMFS_REMEDY_PRIVILEGED, NULL);
    if (extracting->set_ids_left)
        with_remedy(cramfs_report(extracting->diags, CRAMFS_NOTE, CRAMFS_ERR_IO, NULL,
                                  "%" PRIu64 " set-id bits not set", extracting->set_ids_left),
                    extracting->diags, CRAMFS_REMEDY_PRIVILEGED, NULL);
    if (extracting->owners_left)
        cramfs_report(extracting->diags, CRAMFS_NOTE, CRAMFS_ERR_IO, NULL,
                      "%" PRIu64 " owners not set; only root can set them",
                      extracting->owners_left);
}

static int run(struct extracting *extracting, const char *path)
{
    extracting->inflater = cramfs_inflater_create();
    extracting->skipped =
        calloc(extracting->survey->entries.list_count, sizeof(*extracting->skipped));
    if (!extracting->inflater || !extracting->skipped)
        return cramfs_fail_memory(extracting->diags);
    skip_entries_not_chosen(extracting);
    int error = extract_limit_check(extracting->survey, extracting->skipped,
                                    extracting->options->max_bytes, extracting->diags);
    if (error)
        return error;
    extracting->inflated = inflated_of(extracting->options->inflated, extracting->survey);
    extracting->writer = file_writer_open(extracting);
    if (!extracting->writer)
        return cramfs_fail_memory(extracting->diags);
    int directory = open_directory(extracting, path);
    if (directory < 0)
        return directory;
    if (!push_level(extracting, 0, directory))
        return cramfs_fail(extracting->diags, CRAMFS_ERR_IO, path, "cannot open the directory: %s",
                           strerror(errno));
    if (extract_entries(extracting) != 0)
        return cramfs_fail_memory(extracting->diags);
    note_what_is_left(extracting);
    return extracting->result;
}

int cramfs_extract(const struct cramfs_image *image, const struct cramfs_survey *survey,
                   const char *directory, const struct cramfs_extract_options *given,
                   struct cramfs_diags *diags)
{
    struct cramfs_extract_options options;
    options_copy(&options, sizeof(options), given);
    struct extracting extracting = {
        .image = image, .survey = survey, .options = &options, .diags = diags, .directory = -1};
    int error = run(&extracting, directory);
    if (extracting.directory >= 0)
        close(extracting.directory);
    cramfs_inflater_free(extracting.inflater);
    file_writer_close(extracting.writer);
    free(extracting.skipped);
    free(extracting.levels);
    return error;
}
