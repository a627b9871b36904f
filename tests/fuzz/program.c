/*
 * A file through the ELF reader, the choice of pages and the kernel's mappings, in every page size.
 * For block pointers the mapping gets the file's own bytes.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/elf.h"
#include "cramfs/program.h"
#include "cramfs/select.h"

struct input {
    struct cramfs_reader reader;
    const uint8_t *bytes;
};

static void read_input(const struct cramfs_reader *reader, uint64_t offset, void *to, size_t length)
{
    const struct input *input = (const struct input *)reader;
    FUZZ_EXPECT(offset <= reader->size && length <= reader->size - offset);
    memcpy(to, input->bytes + offset, length);
}

static void predict(const struct input *input, const struct cramfs_elf *elf, uint32_t page_size)
{
    struct cramfs_mapping *mappings = calloc(elf->segments_count, sizeof(*mappings));
    if (!mappings)
        return;
    const struct cramfs_table table = {&input->reader, CRAMFS_LITTLE, page_size, 0,
                                       (uint32_t)input->reader.size};
    const struct cramfs_placement placement = {true, page_size, CRAMFS_KERNEL_MMU};
    size_t count = cramfs_elf_mappings(elf, page_size, mappings);
    FUZZ_EXPECT(count <= elf->segments_count);
    for (size_t i = 0; i < count; i++) {
        FUZZ_EXPECT(mappings[i].length % page_size == 0);
        FUZZ_EXPECT(mappings[i].offset % page_size == 0);
        struct cramfs_prediction found;
        cramfs_mapping_predict(&table, &placement, &mappings[i], &found);
        FUZZ_EXPECT(found.direct_pages <= found.pages);
    }
    free(mappings);
}

static void select_pages(const uint8_t *bytes, size_t size, uint32_t page_size)
{
    uint32_t blocks = cramfs_block_count(size, page_size);
    bool *in_place = calloc(blocks, sizeof(*in_place));
    struct cramfs_selection selection;
    if (in_place && cramfs_select(bytes, size, page_size, CRAMFS_KERNEL_MMU, CRAMFS_XIP_READONLY,
                                  in_place, &selection) == 0) {
        uint32_t chosen = 0;
        for (uint32_t i = 0; i < blocks; i++)
            chosen += in_place[i];
        FUZZ_EXPECT(chosen == selection.pages);
        FUZZ_EXPECT((selection.reason == CRAMFS_SELECTED) == (chosen > 0));
        FUZZ_EXPECT(cramfs_selection_text(&selection));
    }
    free(in_place);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input input = {{size, read_input}, bytes};
    struct cramfs_elf elf;
    if (!size || cramfs_elf_read(bytes, size, &elf) != 0)
        return 0;
    FUZZ_EXPECT((elf.fault != NULL) == (elf.kind == CRAMFS_ELF_MALFORMED));
    FUZZ_EXPECT((elf.segments_count > 0) == (elf.kind == CRAMFS_ELF_LOADABLE));
    for (const uint32_t *page_size = fuzz_page_sizes; *page_size; page_size++) {
        if (elf.kind == CRAMFS_ELF_LOADABLE)
            predict(&input, &elf, *page_size);
        select_pages(bytes, size, *page_size);
    }
    cramfs_elf_free(&elf);
    return 0;
}
