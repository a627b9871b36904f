/* The kernel that an image was made for; the image itself does not say. */
#include <stdlib.h>
#include <sys/stat.h>

#include "cramfs/elf.h"
#include "cramfs/flat.h"
#include "cramfs/view.h"
#include "read/program_block.h"

enum program_kind { NO_PROGRAM, OF_NOMMU, OF_OTHERS };

struct looking {
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    struct cramfs_inflater *inflater;
    unsigned char *page;
};

/* Finds the kind of a file from its beginning. */
static int find_kind(const unsigned char *bytes, size_t size, enum program_kind *kind)
{
    struct cramfs_flat flat;
    struct cramfs_elf elf;
    cramfs_flat_read(bytes, size, &flat);
    *kind = flat.kind == CRAMFS_FLAT_NONE ? NO_PROGRAM : OF_NOMMU;
    if (*kind)
        return 0;
    int error = cramfs_elf_read(bytes, size, &elf);
    if (!error && elf.kind != CRAMFS_ELF_NONE && elf.kind != CRAMFS_ELF_OTHER)
        *kind = elf.fdpic ? OF_NOMMU : OF_OTHERS;
    cramfs_elf_free(&elf);
    return error;
}

/* The first block of a regular file, once for each inode. False when it has none. */
static bool first_block(const struct looking *looking, uint32_t number, struct cramfs_block *block)
{
    const struct cramfs_inode *inode = &looking->survey->entries.list[number].inode;
    if (looking->survey->inode[number] != number || !S_ISREG(inode->mode) || !inode->size)
        return false;
    struct cramfs_table table = cramfs_image_table(looking->image, inode);
    cramfs_block_locate(&table, 0, block);
    return !block->fault;
}

/* Looks for a program that only a kernel without an MMU runs in place. */
static int find_in_place(const struct looking *looking, bool *found)
{
    uint32_t page_size = looking->image->page_size;
    int error = 0;
    *found = false;
    for (uint32_t i = 0; !error && !*found && i < looking->survey->entries.list_count; i++) {
        struct cramfs_block block;
        enum program_kind kind;
        if (!first_block(looking, i, &block) || block.kind != CRAMFS_BLOCK_STORED ||
            !block.direct || block.offset % page_size == 0)
            continue;
        const unsigned char *bytes = cramfs_image_bytes(looking->image, block.offset, block.length);
        error = bytes ? find_kind(bytes, (size_t)block.length, &kind) : 0;
        *found = !error && bytes && kind == OF_NOMMU;
    }
    return error;
}

/* Looks for a program for any other kernel, wherever it is stored. */
static int find_other(struct looking *looking, bool *found)
{
    int error = 0;
    *found = false;
    for (uint32_t i = 0; !error && !*found && i < looking->survey->entries.list_count; i++) {
        struct cramfs_block block;
        enum program_kind kind;
        if (!first_block(looking, i, &block) ||
            !block_begins_program(looking->image, &block, looking->inflater, looking->page))
            continue;
        error = find_kind(looking->page, block.file_bytes, &kind);
        *found = !error && kind == OF_OTHERS;
    }
    return error;
}

int cramfs_made_for_nommu(const struct cramfs_image *image, const struct cramfs_survey *survey,
                          bool *nommu)
{
    struct looking looking = {.image = image, .survey = survey};
    bool other;
    int error = find_in_place(&looking, nommu);
    if (error || !*nommu)
        return error;
    looking.inflater = cramfs_inflater_create();
    looking.page = malloc(image->page_size);
    error = looking.inflater && looking.page ? find_other(&looking, &other) : -CRAMFS_ERR_MEMORY;
    *nommu = !error && !other;
    cramfs_inflater_free(looking.inflater);
    free(looking.page);
    return error;
}
