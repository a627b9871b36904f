#include "xip/split/split.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/diag.h"
#include "xip/split/segments.h"

const char *split_refusal_text(enum split_refusal refusal)
{
    static const char *const texts[] = {
        [SPLIT_POSSIBLE] = "it can be cut",
        [SPLIT_NOT_LOADABLE] = "it is not an ELF file that a loader maps",
        [SPLIT_MALFORMED] = "its ELF headers are malformed",
        [SPLIT_FDPIC] = "it is FDPIC, whose segments are moved one by one",
        [SPLIT_UCLIBC] = "the loader of uClibc needs the program headers in the first page",
        [SPLIT_TEXT_RELOCATIONS] = "its loader writes to its read-only segments (DT_TEXTREL)",
        [SPLIT_OVERLAPPING] = "its segments overlap, do not ascend, or do not begin the file",
        [SPLIT_NOTHING] = "it has no read-only segment of more than a page",
        [SPLIT_NO_ROOM] = "it has no room for one more program header",
    };
    return texts[refusal];
}

/* Where the table goes. */
struct split_place {
    uint64_t offset;
    const struct program_header *grown; /* the segment whose slack it is in; NULL: appended */
    size_t room;                        /* program headers */
};

/*
 * The first slack with room for `count` program headers; if there is none, the place with the most
 * room.
 */
static struct split_place find_place(const struct segments *segments, size_t count)
{
    struct split_place best = {0};
    for (size_t i = 0; i < segments->count; i++) {
        struct split_place place = {.grown = &segments->list[i]};
        place.room = slack_room(segments, place.grown, &place.offset);
        if (place.room >= count)
            return place;
        if (place.room > best.room)
            best = place;
    }
    struct split_place appended = {0};
    appended.room = appended_room(segments, &appended.offset);
    return appended.room > best.room ? appended : best;
}

int split_look(const void *bytes, size_t size, uint32_t page_size, struct split_limits *limits)
{
    struct segments segments;
    *limits = (struct split_limits){0};
    int error = segments_read(bytes, size, page_size, &segments, &limits->refusal);
    if (!error && limits->refusal == SPLIT_POSSIBLE) {
        struct split_place place = find_place(&segments, SIZE_MAX);
        if (place.room > segments.count)
            limits->most_cuts = (uint32_t)(place.room - segments.count);
        else
            limits->refusal = SPLIT_NO_ROOM;
    }
    segments_free(&segments);
    return error;
}

struct cutting {
    const struct segments *segments;
    const uint32_t *cuts;
    size_t count;
    struct split_place place;
    struct program_header *out; /* NULL while counting */
    size_t out_count;
};

static void put(struct cutting *cutting, const struct program_header *header)
{
    if (cutting->out)
        cutting->out[cutting->out_count] = *header;
    cutting->out_count++;
}

/* Writes one PT_LOAD as several; `header` is what is left of it. */
static void put_pieces(struct cutting *cutting, struct program_header header)
{
    for (size_t i = 0; i < cutting->count; i++) {
        uint64_t at = (uint64_t)cutting->cuts[i] * cutting->segments->page_size;
        if (at <= header.offset || at - header.offset >= header.file_size)
            continue;
        uint64_t length = at - header.offset;
        struct program_header piece = header;
        piece.file_size = piece.memory_size = length;
        put(cutting, &piece);
        header.offset += length;
        header.address += length;
        header.physical += length;
        header.file_size -= length;
        header.memory_size -= length;
    }
    put(cutting, &header);
}

static uint64_t table_size(const struct cutting *cutting, size_t count)
{
    return count * program_header_size(cutting->segments->form);
}

/* Writes a PT_LOAD for a table after the file; it is the last one. */
static void put_table_segment(struct cutting *cutting, size_t count)
{
    const struct program_header *first = cutting->segments->first;
    struct program_header header = {
        .type = PT_LOAD,
        .flags = PF_R,
        .offset = cutting->place.offset,
        .address = cutting->place.offset + first->address,
        .physical = cutting->place.offset + first->physical,
        .file_size = table_size(cutting, count),
        .memory_size = table_size(cutting, count),
        .align = cutting->segments->page_size,
    };
    put(cutting, &header);
}

static size_t last_load(const struct segments *segments)
{
    size_t last = 0;
    for (size_t i = 0; i < segments->count; i++) {
        if (segments->list[i].type == PT_LOAD)
            last = i;
    }
    return last;
}

/* Writes all `count` program headers of the new file. */
static void put_all(struct cutting *cutting, size_t count)
{
    const struct segments *segments = cutting->segments;
    bool appended = cutting->out && !cutting->place.grown;
    for (size_t i = 0; i < segments->count; i++) {
        struct program_header header = segments->list[i];
        if (cutting->out && &segments->list[i] == cutting->place.grown)
            header.file_size = header.memory_size =
                cutting->place.offset + table_size(cutting, count) - header.offset;
        if (header.type == PT_PHDR) {
            header.offset = cutting->place.offset;
            header.address = cutting->place.offset + segments->first->address;
            header.physical = cutting->place.offset + segments->first->physical;
            header.file_size = header.memory_size = table_size(cutting, count);
        }
        if (segment_is_read_only(segments, &segments->list[i]))
            put_pieces(cutting, header);
        else
            put(cutting, &header);
        if (appended && i == last_load(segments))
            put_table_segment(cutting, count);
    }
}

static int write_patches(struct cutting *cutting, size_t count, struct split_file *file)
{
    const struct segments *segments = cutting->segments;
    struct elf_form form = segments->form;
    file->table = (struct split_patch){cutting->place.offset, (size_t)table_size(cutting, count),
                                       malloc((size_t)table_size(cutting, count))};
    file->header = (struct split_patch){0, elf_header_size(form), malloc(elf_header_size(form))};
    cutting->out = calloc(count, sizeof(*cutting->out));
    if (!file->table.bytes || !file->header.bytes || !cutting->out)
        return -CRAMFS_ERR_MEMORY;
    cutting->out_count = 0;
    put_all(cutting, count);
    for (size_t i = 0; i < count; i++)
        program_header_write(form, file->table.bytes + i * program_header_size(form),
                             &cutting->out[i]);
    memcpy(file->header.bytes, segments->bytes, file->header.length);
    elf_table_set(form, file->header.bytes, cutting->place.offset, (uint16_t)count);
    return 0;
}

static int cut(const struct segments *segments, const uint32_t *cuts, size_t cuts_count,
               struct split_file *file)
{
    struct cutting cutting = {.segments = segments, .cuts = cuts, .count = cuts_count};
    put_all(&cutting, 0);
    size_t count = cutting.out_count;
    cutting.place = find_place(segments, count);
    if (cutting.place.room < count)
        return -CRAMFS_ERR_INTERNAL;
    file->appended = !cutting.place.grown;
    count += file->appended;
    file->added = (uint32_t)(count - segments->count);
    int error = write_patches(&cutting, count, file);
    uint64_t end = file->table.offset + file->table.length;
    file->size = end > segments->size ? end : segments->size;
    free(cutting.out);
    return error;
}

int split_cut(const void *bytes, size_t size, uint32_t page_size, const uint32_t *cuts,
              size_t count, struct split_file *file)
{
    struct segments segments;
    enum split_refusal refusal;
    *file = (struct split_file){0};
    int error = segments_read(bytes, size, page_size, &segments, &refusal);
    if (!error && refusal != SPLIT_POSSIBLE)
        error = -CRAMFS_ERR_INTERNAL;
    if (!error)
        error = cut(&segments, cuts, count, file);
    segments_free(&segments);
    if (error)
        split_free(file);
    return error;
}

void split_free(struct split_file *file)
{
    free(file->header.bytes);
    free(file->table.bytes);
    *file = (struct split_file){0};
}

void split_apply(const struct split_file *file, const void *bytes, size_t size, void *to)
{
    unsigned char *out = to;
    memcpy(out, bytes, size);
    memset(out + size, 0, (size_t)(file->size - size));
    memcpy(out + file->header.offset, file->header.bytes, file->header.length);
    memcpy(out + file->table.offset, file->table.bytes, file->table.length);
}
