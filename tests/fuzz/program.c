/*
 * A file as a program, ELF or bFLT: its reader, the mappings of its loader, the choice of pages and
 * the kernel's decision, for every kernel and page size. For block pointers the mapping gets the
 * file's own bytes.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/flat.h"
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

static void read_headers(const uint8_t *bytes, size_t size)
{
    struct cramfs_elf elf;
    if (cramfs_elf_read(bytes, size, &elf) == 0) {
        FUZZ_EXPECT((elf.fault != NULL) == (elf.kind == CRAMFS_ELF_MALFORMED));
        FUZZ_EXPECT((elf.segments_count > 0) == (elf.kind == CRAMFS_ELF_LOADABLE));
        cramfs_elf_free(&elf);
    }
    struct cramfs_flat flat;
    cramfs_flat_read(bytes, size, &flat);
    FUZZ_EXPECT((flat.fault != NULL) == (flat.kind == CRAMFS_FLAT_MALFORMED));
    FUZZ_EXPECT(flat.kind != CRAMFS_FLAT_MAPPED || flat.text_end <= size);
}

static void predict(const struct input *input, const struct cramfs_program *program,
                    enum cramfs_kernel kernel, uint32_t page_size)
{
    const struct cramfs_table table = {&input->reader, CRAMFS_LITTLE, page_size, 0,
                                       (uint32_t)input->reader.size};
    const struct cramfs_placement placement = {true, page_size, kernel};
    struct cramfs_prediction *found = calloc(program->mappings_count + 1, sizeof(*found));
    if (!found)
        return;
    cramfs_mappings_predict(&table, &placement, program->mappings, program->mappings_count, found);
    for (size_t i = 0; i < program->mappings_count; i++) {
        char text[64];
        FUZZ_EXPECT(found[i].direct_pages <= found[i].pages);
        FUZZ_EXPECT((found[i].reason == CRAMFS_REASON_NONE) ==
                    !cramfs_reason_text(&found[i], text, sizeof(text)));
        for (size_t j = 0; j < 2; j++)
            FUZZ_EXPECT(program->mappings[i].joins[j] <= i);
    }
    free(found);
}

static void select_pages(const uint8_t *bytes, size_t size, enum cramfs_kernel kernel,
                         uint32_t page_size)
{
    uint32_t blocks = cramfs_block_count(size, page_size);
    bool *in_place = calloc(blocks, sizeof(*in_place));
    for (int xip = CRAMFS_XIP_NONE; in_place && xip <= CRAMFS_XIP_FILE; xip++) {
        struct cramfs_selection selection;
        if (cramfs_select(bytes, size, page_size, kernel, (enum cramfs_xip)xip, in_place,
                          &selection) != 0)
            continue;
        uint32_t chosen = 0;
        for (uint32_t i = 0; i < blocks; i++)
            chosen += in_place[i];
        FUZZ_EXPECT(chosen == selection.pages);
        FUZZ_EXPECT((selection.reason == CRAMFS_SELECTED) == (chosen > 0));
        FUZZ_EXPECT(size % page_size != 0 || !in_place[blocks - 1]);
        FUZZ_EXPECT(cramfs_selection_text(&selection));
        cramfs_selection_free(&selection);
    }
    free(in_place);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct input input = {{size, read_input}, bytes};
    if (!size)
        return 0;
    read_headers(bytes, size);
    for (int kernel = CRAMFS_KERNEL_MMU; cramfs_kernel_names()[kernel]; kernel++) {
        for (const uint32_t *page_size = fuzz_page_sizes; *page_size; page_size++) {
            struct cramfs_program program;
            if (cramfs_program_read(bytes, size, (enum cramfs_kernel)kernel, *page_size,
                                    &program) != 0)
                continue;
            FUZZ_EXPECT(program.kind == CRAMFS_PROGRAM_NONE || cramfs_program_begins(bytes, size));
            FUZZ_EXPECT((program.fault != NULL) == (program.kind == CRAMFS_PROGRAM_MALFORMED));
            predict(&input, &program, (enum cramfs_kernel)kernel, *page_size);
            cramfs_program_free(&program);
            select_pages(bytes, size, (enum cramfs_kernel)kernel, *page_size);
        }
    }
    return 0;
}
