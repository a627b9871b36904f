#include "report/manifest/emit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/remedy.h"
#include "read/judge.h"
#include "read/names.h"

static const struct {
    enum cramfs_error code;
    const char *text;
    enum cramfs_remedy remedy;
} loss_texts[EMIT_LOSSES] = {
    [EMIT_NAME] = {CRAMFS_ERR_FORMAT, "left out: a file cannot have this name"},
    [EMIT_DUPLICATE] = {CRAMFS_ERR_FORMAT, "left out: an earlier entry has the same name"},
    [EMIT_TYPE] = {CRAMFS_ERR_FORMAT, "left out: its mode has no file type"},
    [EMIT_TARGET] = {CRAMFS_ERR_FORMAT, "left out: the target of the link cannot be read"},
    [EMIT_BLOCKS] = {CRAMFS_ERR_FORMAT, "blocks that cannot be read are written as zeroes"},
    [EMIT_LONG_PATH] = {CRAMFS_ERR_LIMIT, "left out: the path is too long for this form"},
    [EMIT_BLANKS] = {CRAMFS_ERR_LIMIT, "left out: a device table cannot have names with blanks",
                     CRAMFS_REMEDY_FULL_MANIFEST},
    [EMIT_CONTROLS] = {CRAMFS_ERR_LIMIT,
                       "left out: a device table cannot have names with control characters",
                       CRAMFS_REMEDY_FULL_MANIFEST},
    [EMIT_SOCKET] = {CRAMFS_ERR_LIMIT, "left out: this form cannot have sockets",
                     CRAMFS_REMEDY_FULL_MANIFEST},
    [EMIT_LINK_MODE] =
        {CRAMFS_ERR_LIMIT,
         "left out: a device table cannot have permissions of a link other than 0777",
         CRAMFS_REMEDY_FULL_MANIFEST},
};

struct emit_level {
    uint32_t entry;
    size_t path_length;
};

struct emitting {
    struct emit emit;
    bool *skipped; /* by entry: entries below it have no path */
    struct entry_names names;
    struct emit_level *levels; /* the directories that the entry is in */
    size_t levels_count;
    size_t levels_capacity;
};

int emit_lose(struct emit *emit, enum emit_loss loss)
{
    if (!emit->losses[loss].count++)
        emit->losses[loss].first = emit->entry;
    return 0;
}

int emit_target(struct emit *emit, uint32_t *length)
{
    int error = block_reader_first(emit->reader, emit->view, emit->entry, length);
    if (error)
        return error;
    unsigned char *target = emit->reader->page;
    if (judge_inode(emit->inode, emit->view->image->page_size, CRAMFS_RULE_LINK_LENGTH) ||
        judge_target_cut(*length, judge_text_length(target, *length)))
        return -CRAMFS_ERR_FORMAT;
    target[*length] = '\0';
    return 0;
}

/* Whether the name is new in its directory; 1, 0, or -CRAMFS_ERR_MEMORY. */
static int add_name(struct emitting *emitting, uint32_t number)
{
    uint32_t twin;
    int error = names_add(&emitting->names, &emitting->emit.view->survey->entries, number, &twin);
    return error ? error : twin == CRAMFS_NO_ENTRY;
}

/* Goes to the entry; its parent's path is a prefix of the current path. */
static bool extend_path(struct emitting *emitting, const struct cramfs_entry *entry)
{
    struct emit *emit = &emitting->emit;
    while (emitting->levels[emitting->levels_count - 1].entry != entry->parent)
        emitting->levels_count--;
    size_t length = emitting->levels[emitting->levels_count - 1].path_length;
    if (length + 1 + entry->name_bytes >= sizeof(emit->path))
        return false;
    if (length)
        emit->path[length++] = '/';
    memcpy(emit->path + length, entry->name, entry->name_bytes);
    emit->path_length = length + entry->name_bytes;
    emit->path[emit->path_length] = '\0';
    return true;
}

static int skip(struct emitting *emitting, enum emit_loss loss)
{
    emitting->skipped[emitting->emit.entry] = true;
    return emit_lose(&emitting->emit, loss);
}

static int enter(struct emitting *emitting)
{
    if (!ARRAY_GROW(emitting, levels))
        return -CRAMFS_ERR_MEMORY;
    emitting->levels[emitting->levels_count++] =
        (struct emit_level){emitting->emit.entry, emitting->emit.path_length};
    return 0;
}

static int emit_entry(struct emitting *emitting, uint32_t number, emit_fn *write, void *context)
{
    const struct cramfs_entry *entry = &emitting->emit.view->survey->entries.list[number];
    emitting->emit.entry = number;
    emitting->emit.inode = &entry->inode;
    if (number) {
        if (emitting->skipped[entry->parent]) {
            emitting->skipped[number] = true;
            return 0;
        }
        if (!judge_name_sound(entry))
            return skip(emitting, EMIT_NAME);
        int added = add_name(emitting, number);
        if (added <= 0)
            return added ? added : skip(emitting, EMIT_DUPLICATE);
        if (!extend_path(emitting, entry))
            return skip(emitting, EMIT_LONG_PATH);
    }
    int error = S_ISDIR(entry->inode.mode) || !number ? enter(emitting) : 0;
    return error ? error : write(&emitting->emit, context);
}

static int report_losses(const struct emit *emit)
{
    int result = 0;
    for (int i = 0; i < EMIT_LOSSES; i++) {
        if (!emit->losses[i].count)
            continue;
        char path[CRAMFS_PATH_SIZE];
        cramfs_entry_path(&emit->view->survey->entries, emit->losses[i].first, path, sizeof(path));
        uint64_t more = emit->losses[i].count - 1;
        int error =
            more ? cramfs_fail(emit->diags, loss_texts[i].code, path,
                               "%s (and %" PRIu64 " more like it)", loss_texts[i].text, more)
                 : cramfs_fail(emit->diags, loss_texts[i].code, path, "%s", loss_texts[i].text);
        if (loss_texts[i].remedy)
            with_remedy(error, emit->diags, loss_texts[i].remedy, NULL);
        if (result != -CRAMFS_ERR_LIMIT)
            result = error;
    }
    return result;
}

int emit_tree(const struct cramfs_view *view, struct cramfs_diags *diags, emit_fn *write,
              void *context)
{
    uint32_t count = view->survey->entries.list_count;
    struct emitting *emitting = calloc(1, sizeof(*emitting));
    if (!emitting)
        return -CRAMFS_ERR_MEMORY;
    emitting->emit.view = view;
    emitting->emit.diags = diags;
    emitting->emit.reader = block_reader_create();
    emitting->skipped = calloc(count, sizeof(*emitting->skipped));
    int error = emitting->emit.reader && emitting->skipped ? 0 : -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; !error && i < count; i++)
        error = emit_entry(emitting, i, write, context);
    if (!error)
        error = report_losses(&emitting->emit);
    block_reader_free(emitting->emit.reader);
    free(emitting->skipped);
    hash_index_free(&emitting->names.index);
    free(emitting->levels);
    free(emitting);
    return error;
}
