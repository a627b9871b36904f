/*
 * Any file cut at any pages: the new one is an ELF file that a loader takes, the same each time,
 * and has the same bytes at the same addresses with the same rights.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/elf.h"
#include "xip/split/split.h"

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* The PT_LOAD with that byte of the file at that address, with those rights. */
static const struct cramfs_elf_segment *segment_at(const struct cramfs_elf *elf, uint64_t address,
                                                   uint32_t flags)
{
    for (size_t i = 0; i < elf->segments_count; i++) {
        const struct cramfs_elf_segment *segment = &elf->segments[i];
        if (segment->flags == flags && address >= segment->address &&
            address - segment->address < segment->memory_size)
            return segment;
    }
    return NULL;
}

/* How many bytes from `into` on the old segment and the one that has them now share. */
static uint64_t compare_piece(const struct cramfs_elf_segment *old, uint64_t into,
                              const struct cramfs_elf_segment *now, const uint8_t *before,
                              size_t before_size, const uint8_t *after)
{
    uint64_t at = old->address + into;
    uint64_t end = now->address + now->memory_size - old->address;
    uint64_t length = (end < old->memory_size ? end : old->memory_size) - into;
    uint64_t offset = old->offset + into;
    FUZZ_EXPECT(now->offset + (at - now->address) == offset);
    /* Where the file ended memory was zero or SIGBUS; and the ELF header has its new table. */
    for (uint64_t i = 0; i < length && into + i < old->file_size; i++) {
        if (offset + i >= before_size)
            break;
        FUZZ_EXPECT(before[offset + i] == after[offset + i] || offset + i < 64);
    }
    FUZZ_EXPECT(old->file_size <= into || now->file_size - (at - now->address) >= length ||
                now->address + now->file_size >= old->address + old->file_size);
    return length;
}

static void compare(const struct cramfs_elf *old, const uint8_t *before, size_t before_size,
                    const struct cramfs_elf *now, const uint8_t *after)
{
    for (size_t i = 0; i < old->segments_count; i++) {
        const struct cramfs_elf_segment *segment = &old->segments[i];
        for (uint64_t into = 0; into < segment->memory_size;) {
            const struct cramfs_elf_segment *piece =
                segment_at(now, segment->address + into, segment->flags);
            FUZZ_EXPECT(piece);
            into += compare_piece(segment, into, piece, before, before_size, after);
        }
    }
}

/* Cuts once, into separate memory. */
static uint8_t *cut(const uint8_t *bytes, size_t size, uint32_t page_size, const uint32_t *cuts,
                    size_t count, struct split_file *file)
{
    if (split_cut(bytes, size, page_size, cuts, count, file) != 0)
        return NULL; /* memory */
    FUZZ_EXPECT(file->size >= size && file->size < 1 << 24);
    uint8_t *out = malloc((size_t)file->size);
    if (out)
        split_apply(file, bytes, size, out);
    return out;
}

static void look_at(const uint8_t *bytes, size_t size, const struct split_file *file,
                    const uint8_t *out)
{
    struct cramfs_elf old;
    struct cramfs_elf now;
    if (cramfs_elf_read(bytes, size, &old) != 0)
        return;
    if (cramfs_elf_read(out, (size_t)file->size, &now) == 0) {
        FUZZ_EXPECT(now.kind == CRAMFS_ELF_LOADABLE);
        FUZZ_EXPECT(now.segments_count == old.segments_count + file->added);
        FUZZ_EXPECT(now.position_independent == old.position_independent);
        compare(&old, bytes, size, &now, out);
        cramfs_elf_free(&now);
    }
    cramfs_elf_free(&old);
}

enum { MOST_CUTS = 128 };

static void try_cuts(const uint8_t *bytes, size_t size, uint32_t page_size, uint32_t most,
                     uint32_t *state)
{
    uint32_t cuts[MOST_CUTS];
    size_t count = 0;
    uint32_t pages = (uint32_t)(size / page_size) + 1;
    for (uint32_t page = 0; page < pages && count < most && count < MOST_CUTS; page++) {
        if (next(state) % 3 == 0)
            cuts[count++] = page;
    }
    struct split_file first;
    struct split_file second;
    uint8_t *out = cut(bytes, size, page_size, cuts, count, &first);
    uint8_t *again = cut(bytes, size, page_size, cuts, count, &second);
    if (out && again) {
        FUZZ_EXPECT(first.size == second.size && first.added == second.added);
        FUZZ_EXPECT(memcmp(out, again, (size_t)first.size) == 0);
        look_at(bytes, size, &first, out);
    }
    split_free(&first);
    split_free(&second);
    free(out);
    free(again);
}

static void look(const uint8_t *bytes, size_t size, uint32_t *state)
{
    for (const uint32_t *page_size = fuzz_page_sizes; *page_size; page_size++) {
        struct split_limits limits;
        if (split_look(bytes, size, *page_size, &limits) != 0)
            continue;
        FUZZ_EXPECT((limits.refusal == SPLIT_POSSIBLE) == (limits.most_cuts > 0));
        FUZZ_EXPECT(split_refusal_text(limits.refusal));
        for (int i = 0; i < 4 && limits.refusal == SPLIT_POSSIBLE; i++)
            try_cuts(bytes, size, *page_size, limits.most_cuts, state);
    }
}

/* An input is the beginning of a file: zeroes, or other bytes, extend it to several pages. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint32_t state = fuzz_hash(bytes, size);
    if (size >= 1 << 22)
        return 0;
    size_t more = next(&state) % 48 * 1024;
    uint8_t filler = next(&state) & 1;
    uint8_t *whole = malloc(size + more + 1);
    if (!whole)
        return 0;
    memcpy(whole, bytes, size);
    for (size_t i = 0; i < more; i++)
        whole[size + i] = (uint8_t)(filler ? i >> 8 | 1 : 0);
    look(whole, size + more, &state);
    free(whole);
    return 0;
}
